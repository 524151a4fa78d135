import { INITIAL_OFFERS, type InitialOffer } from './settings.js';
import type { LegSession } from './sdp.js';
import type { Body } from '../../sdk/index.js';

/** Makes a new description for each attempt, so that the version rises. */
export type Describe = (session: LegSession) => Body;

const DESCRIBE: Readonly<Record<InitialOffer, Describe | undefined>> = {
  inactive: (session) => session.offerSilence(),
  noMedia: (session) => session.offerWithoutMedia(),
  offerless: undefined,
};

/** With these a telephone refuses an offer rather than the call (RFC 3261 section 21.4); 400 and 406 are what some say of an offer without lines. */
const REFUSALS: ReadonlySet<number> = new Set([400, 406, 415, 488, 606]);
/** What telephones and session border controllers say of an INVITE that has no offer. */
const WANT_OFFER: ReadonlySet<number> = new Set([...REFUSALS, 420]);

/** Whether a final response to an INVITE without an offer may mean that an offer is wanted. */
export function wantsOffer(status: number): boolean {
  return WANT_OFFER.has(status);
}

/** The kinds of first offer, made to a telephone in turn until it accepts one. */
export class Offers {
  /** @param untried in this order; undefined if the telephone is to make the offer */
  private constructor(private readonly untried: (Describe | undefined)[]) {}

  static startingWith(first: InitialOffer): Offers {
    const kinds = [first, ...INITIAL_OFFERS.filter((offer) => offer !== first)];
    return new Offers(kinds.map((kind) => DESCRIBE[kind]));
  }

  /** The other party's offer; a telephone that refuses it is to make one. */
  static carrying(describe: Describe): Offers {
    return new Offers([describe, DESCRIBE.offerless]);
  }

  /** The next kind; undefined if the telephone is to make the offer. */
  next(): Describe | undefined {
    return this.untried.shift();
  }

  /** Whether a final response refuses the offer, and another kind is left. */
  mayTryAgain(status: number): boolean {
    return REFUSALS.has(status) && this.untried.length > 0;
  }
}
