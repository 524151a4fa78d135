import { Journey } from './journey.js';
import type { Locator } from './locator.js';
import type { RequestText } from './request-text.js';
import type { Target } from '../transport/transport.js';

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
  #ways: Map<string, Way> | undefined;

  constructor(private readonly locator: Locator) {}

  /** Leads a request to its target, at once where nothing has to be looked up. Fails when no server is found. */
  lead(request: RequestText, send: (target: Target) => void, fail: (error: Error) => void): void {
    try {
      const target = this.#target(request);
      if (target instanceof Promise) target.then(send).catch(fail);
      else send(target);
    } catch (error) {
      fail(error as Error);
    }
  }

  /** Whether there is another server where this one fails. */
  hasOther(branch: string): boolean {
    return this.#ways?.get(branch)?.journey.hasOther ?? false;
  }

  /** The request has gone to this target. */
  took(branch: string, target: Target): void {
    const way = this.#ways?.get(branch);
    if (way) way.taken = target;
    else if (!isFoundAgain(target)) this.#add(branch, { journey: new Journey(this.locator), target, taken: target });
  }

  /** The server of this transaction has answered. */
  answered(branch: string): void {
    const target = this.#ways?.get(branch)?.target;
    if (target && !(target instanceof Promise)) this.locator.resting.wake(target);
  }

  #target(request: RequestText): Target | Promise<Target> {
    const way = this.#ways?.get(request.branch) ?? { journey: request.journey ?? new Journey(this.locator) };
    way.target ??= this.#follow(way, request);
    return way.taken ?? way.target;
  }

  #follow(way: Way, request: RequestText): Target | Promise<Target> {
    const target = way.journey.target(request);
    // Most lead to a single server, and need not be remembered.
    if (!way.journey.isStraight) this.#add(request.branch, way);
    if (!(target instanceof Promise)) return target;
    return target.then((found) => (way.target = found));
  }

  #add(branch: string, way: Way): void {
    const ways = (this.#ways ??= new Map());
    ways.set(branch, way);
    const [oldest] = ways.keys();
    if (ways.size > MAX_WAYS && oldest !== undefined) ways.delete(oldest);
  }
}

/** Whether the next request of the transaction finds the same server without our memory: one that is called by its address. */
function isFoundAgain({ transport, address, host }: Target): boolean {
  return transport === 'UDP' && address === host;
}
