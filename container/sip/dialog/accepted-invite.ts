import { retransmissionMs } from '../transaction/timers.js';

/** Retransmits the 2xx to an INVITE until its ACK comes (RFC 3261 section 13.3.1.4). The end of its server transaction ends the wait. */
export class AcceptedInvite {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param cseq CSeq of the INVITE, and of its ACK */
  constructor(
    readonly cseq: number,
    private readonly send: () => void,
  ) {
    this.#wait();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#count += 1;
      this.#wait();
      this.send();
    }, retransmissionMs(this.#count));
  }
}
