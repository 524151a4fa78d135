/**
 * The exchange of offer and answer in one dialog as a table, without I/O: who may offer now, and the response to an offer that crosses
 * another (RFC 3264 section 4, RFC 3261 section 14, RFC 3311 section 5.2, RFC 6337 section 2). An INVITE without a description counts as
 * one with: its 2xx has the offer, and its ACK the answer.
 */

export type OfferState =
  /** The INVITE of the other side that began the call has no 2xx yet. */
  | 'early'
  /** The 2xx carried our offer; its answer comes in the ACK. */
  | 'offered'
  /** Nothing is under way. */
  | 'stable'
  /** An INVITE of ours, until its ACK; an UPDATE of ours with an offer, until its final response. */
  | 'ours'
  /** An INVITE of the other side, until the ACK of its 2xx. */
  | 'theirs';

export type OfferEvent =
  /** The 2xx completes the exchange that the first INVITE has begun. */
  | 'answered'
  /** The 2xx to an INVITE without an offer carries one. */
  | 'offers'
  /** This side wants to send an INVITE, or an UPDATE with an offer. */
  | 'send'
  /** An INVITE has come. */
  | 'invited'
  /** An UPDATE with an offer has come. It is answered before anything else may happen, so it begins no state. */
  | 'updated'
  /** The exchange has its ACK, or was refused. */
  | 'over';

/**
 * The next state, or the status that refuses the offer: 500 with a Retry-After, or 491, which the stack gives to our own offers as well.
 */
export type OfferCell = OfferState | 491 | 500;

export const OFFER_ANSWER: Readonly<Record<OfferState, Readonly<Record<OfferEvent, OfferCell>>>> = {
  early: { answered: 'stable', offers: 'offered', send: 491, invited: 500, updated: 500, over: 'early' },
  offered: { answered: 'offered', offers: 'offered', send: 491, invited: 500, updated: 491, over: 'stable' },
  stable: { answered: 'stable', offers: 'stable', send: 'ours', invited: 'theirs', updated: 'stable', over: 'stable' },
  ours: { answered: 'ours', offers: 'ours', send: 491, invited: 491, updated: 491, over: 'stable' },
  theirs: { answered: 'theirs', offers: 'theirs', send: 491, invited: 500, updated: 500, over: 'stable' },
};

/** The exchange of one dialog. */
export class OfferAnswer {
  constructor(private current: OfferState) {}

  get state(): OfferState {
    return this.current;
  }

  /** @returns the status that refuses the event, which then changes nothing; undefined if the event is allowed */
  step(event: OfferEvent): 491 | 500 | undefined {
    const cell = OFFER_ANSWER[this.current][event];
    if (typeof cell === 'number') return cell;
    this.current = cell;
    return undefined;
  }
}
