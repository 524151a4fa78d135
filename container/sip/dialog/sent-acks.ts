import type { Destination } from '../location/destination.js';
import { flat } from '../message/parser/flat.js';
import type { ResponseMessage } from '../message/parser/received-message.js';

/** The ACK of a final response to an INVITE. */
export interface SentAck {
  readonly cseq: number;
  /** To tag of the response. */
  readonly toTag: string;
  readonly text: string;
  readonly destination: Destination;
}

const NONE: readonly SentAck[] = [];

/** The ACKs of one call: a copy of a final response gets the same ACK again. */
export class SentAcks {
  #acks = NONE;

  get all(): readonly SentAck[] {
    return this.#acks;
  }

  add({ cseq, toTag, text, destination }: SentAck): void {
    if (this.#acks.some((ack) => ack.cseq === cseq && ack.toTag === toTag)) return;
    // Flat copies: slices would keep the whole message in memory.
    this.#acks = this.#acks.concat({ cseq, toTag: flat(toTag), text: flat(text), destination });
  }

  of(response: ResponseMessage): SentAck | undefined {
    return this.#acks.find((ack) => acknowledges(ack, response));
  }

  /** Copies of responses to the INVITE with this CSeq can no longer arrive. */
  forget(cseq: number): void {
    this.#acks = this.#acks.filter((ack) => ack.cseq !== cseq);
  }
}

/** Whether the ACK acknowledges this response. */
export function acknowledges(ack: SentAck, { cseq, toTag }: ResponseMessage): boolean {
  return ack.cseq === cseq && ack.toTag === toTag;
}
