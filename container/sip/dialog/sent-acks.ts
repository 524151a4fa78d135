import type { Way } from '../location/way.js';
import { flat } from '../message/parser/flat.js';
import type { ResponseMessage } from '../message/parser/received-message.js';

/** The ACK of a final response to an INVITE. */
export interface SentAck {
  readonly cseq: number;
  /** Of the response. */
  readonly toTag: string;
  readonly text: string;
  readonly way: Way;
}

const NONE: readonly SentAck[] = [];

/** The ACKs of one call: a copy of a response gets that of the response. */
export class SentAcks {
  #acks = NONE;

  get all(): readonly SentAck[] {
    return this.#acks;
  }

  add({ cseq, toTag, text, way }: SentAck): void {
    if (this.#acks.some((ack) => ack.cseq === cseq && ack.toTag === toTag)) return;
    // In pieces of its own, which hold nothing of the message that it was made for.
    this.#acks = [...this.#acks, { cseq, toTag: flat(toTag), text: flat(text), way }];
  }

  of(response: ResponseMessage): SentAck | undefined {
    return this.#acks.find((ack) => acknowledges(ack, response));
  }

  /** No copy comes any more of a response to the INVITE with that CSeq. */
  forget(cseq: number): void {
    this.#acks = this.#acks.filter((ack) => ack.cseq !== cseq);
  }
}

/** Whether an ACK was for this response. */
export function acknowledges(ack: SentAck, { cseq, toTag }: ResponseMessage): boolean {
  return ack.cseq === cseq && ack.toTag === toTag;
}
