import { Journey } from './journey.js';
import type { Locator } from './locator.js';
import type { Target } from './transport.js';

interface Way {
  readonly journey: Journey;
  /** Where the journey had come to when the transaction began. */
  target?: Target | Promise<Target>;
  /** Where the request went in the end: a large one goes over TCP although its target was one over UDP. */
  taken?: Target;
}

/** Transactions of one call whose targets are remembered; nobody has so many at a time. */
const MAX_WAYS = 64;

/**
 * Which server each request of a call went to, by the branch of its transaction: what is sent again, a CANCEL and the ACK of a
 * refusal go there as well (RFC 3261 sections 9.1 and 17.1.1.3).
 */
export class Ways {
  readonly #ways = new Map<string, Way>();

  constructor(private readonly locator: Locator) {}

  /** The transaction is a step of a journey. */
  begin(branch: string, journey: Journey): void {
    this.#add(branch, { journey });
  }

  /** Where a request of the transaction goes. @throws Error when no server is found */
  target(branch: string, request: string): Target | Promise<Target> {
    const way = this.#ways.get(branch) ?? { journey: new Journey(this.locator) };
    way.target ??= this.#follow(branch, way, request);
    return way.taken ?? way.target;
  }

  /** Whether there is another server where this one fails. */
  hasOther(branch: string): boolean {
    return this.#ways.get(branch)?.journey.hasOther ?? false;
  }

  /** The request has gone to this target. */
  took(branch: string, target: Target): void {
    const way = this.#ways.get(branch);
    if (way) way.taken = target;
    else this.#add(branch, { journey: new Journey(this.locator), target, taken: target });
  }

  /** The server of this transaction has answered. */
  answered(branch: string): void {
    const target = this.#ways.get(branch)?.target;
    if (target && !(target instanceof Promise)) this.locator.resting.wake(target);
  }

  #follow(branch: string, way: Way, request: string): Target | Promise<Target> {
    const target = way.journey.target(request);
    // Most lead to a single server, and need not be remembered.
    if (way.journey.isStraight) this.#ways.delete(branch);
    else this.#add(branch, way);
    if (!(target instanceof Promise)) return target;
    return target.then((found) => (way.target = found));
  }

  #add(branch: string, way: Way): void {
    this.#ways.set(branch, way);
    const [oldest] = this.#ways.keys();
    if (this.#ways.size > MAX_WAYS && oldest !== undefined) this.#ways.delete(oldest);
  }
}
