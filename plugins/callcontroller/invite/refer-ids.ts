import type { Header, SipResponse } from '../../../sdk/index.js';

interface CarriedRefer {
  readonly referrer: object;
  /** CSeq on the leg of the referrer. */
  readonly cseq: number;
  /** CSeq on the other leg; unknown before the REFER is answered. */
  carriedAs: number | undefined;
}

/** REFERs of one call whose NOTIFYs are kept apart: more than any telephone sends. */
const MAX_REFERS = 16;
const ID = /(;\s*id\s*=\s*)(\d{1,10})\b/i;

/**
 * A NOTIFY names its REFER by the CSeq of the REFER (RFC 3515 section 2.4.6). A REFER that is passed from one leg to the other has two
 * CSeqs.
 */
export class ReferIds {
  readonly #refers: CarriedRefer[] = [];

  /** A REFER is carried. @returns a function that is to be given its final response */
  add(referrer: object, cseq: number): (response: SipResponse) => void {
    const refer: CarriedRefer = { referrer, cseq, carriedAs: undefined };
    this.#refers.unshift(refer);
    this.#refers.splice(MAX_REFERS);
    return (response) => {
      refer.carriedAs = response.cseq;
    };
  }

  /** The headers of a NOTIFY as the referrer knows them. It may come before the REFER is answered. */
  notifyHeaders(referrer: object, headers: readonly Header[]): Header[] {
    return headers.map(([name, value]) => {
      if (name.toLowerCase() !== 'event') return [name, value];
      return [
        name,
        value.replace(ID, (text, start: string, id: string) => this.#translated(referrer, start, id) ?? text),
      ];
    });
  }

  #translated(referrer: object, start: string, id: string): string | undefined {
    const refers = this.#refers.filter((refer) => refer.referrer === referrer);
    const known = refers.find(({ carriedAs }) => carriedAs === Number(id));
    const refer = known ?? refers.find(({ carriedAs }) => carriedAs === undefined);
    return refer && `${start}${refer.cseq}`;
  }
}
