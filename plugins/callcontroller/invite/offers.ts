import { INITIAL_OFFERS, type InitialOffer } from '../settings.js';
import type { Describe } from './party.js';

const DESCRIBE: Readonly<Record<InitialOffer, Describe | undefined>> = {
  inactive: (session) => session.offerInactive(),
  noMedia: (session) => session.offerWithoutMedia(),
  offerless: undefined,
};

/** With these a telephone refuses an offer rather than the call (RFC 3261 section 21.4). */
const REFUSALS: ReadonlySet<number> = new Set([415, 488, 606]);

/** The kinds of first offer that a telephone is made in turn, until it takes one. */
export class Offers {
  readonly #untried: InitialOffer[];

  constructor(first: InitialOffer) {
    this.#untried = [first, ...INITIAL_OFFERS.filter((offer) => offer !== first)];
  }

  /** The next kind; undefined: the telephone is to make the offer. */
  next(): Describe | undefined {
    return DESCRIBE[this.#untried.shift() ?? 'offerless'];
  }

  /** Whether a final response refuses the offer, and another kind is left. */
  mayTryAgain(status: number): boolean {
    return REFUSALS.has(status) && this.#untried.length > 0;
  }
}
