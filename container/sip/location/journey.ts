import type { ResponseMessage } from '../message/parser/received-message.js';
import type { Locator } from './locator.js';
import type { Hop } from './next-hop.js';
import type { Target } from '../transport/transport.js';

/**
 * The way of one request to a server: the targets of its next hop, tried one after the other (RFC 3263 section 4.3). The request
 * is made anew for each of them, and for each challenge, which is answered to the server that it came from.
 */
export class Journey {
  #targets: readonly Target[] | undefined;
  #tried = 0;

  constructor(private readonly locator: Locator) {}

  /** Where the request goes now. Looks its hop up the first time. @throws Error when no server is found */
  target(hop: () => Hop): Target | Promise<Target> {
    if (this.#targets) return this.#current(this.#targets);
    const located = this.#locate(hop());
    return located instanceof Promise ? located.then((targets) => this.#current(targets)) : this.#current(located);
  }

  /** Whether it leads to a single server whatever happens. */
  get isStraight(): boolean {
    return this.#targets?.length === 1;
  }

  get hasOther(): boolean {
    return this.#targets !== undefined && this.#tried + 1 < this.#targets.length;
  }

  /** Whether it leads to a server to which the other may lead as well, over whichever transport. */
  sharesServerWith(other: Journey): boolean {
    const here = this.#targets?.[this.#tried];
    return other.#targets?.some(({ address, port }) => address === here?.address && port === here.port) ?? false;
  }

  /**
   * The current target has failed: it rests, for `restMs` milliseconds if the server said so, and the request goes to the next one.
   * @returns false when there is no other
   */
  goElsewhere(restMs?: number): boolean {
    const targets = this.#targets;
    if (!targets || targets.length < 2) return false;
    const failed = targets[this.#tried];
    if (failed) this.locator.resting.rest(failed, restMs);
    this.#tried = Math.min(this.#tried + 1, targets.length);
    return this.#tried < targets.length;
  }

  /** A target has answered. */
  wake(target: Target): void {
    this.locator.resting.wake(target);
  }

  #locate(hop: Hop): readonly Target[] | Promise<readonly Target[]> {
    const located = this.locator.locate(hop);
    if (!(located instanceof Promise)) return (this.#targets = located);
    return located.then((targets) => (this.#targets = targets));
  }

  #current(targets: readonly Target[]): Target {
    const target = targets[this.#tried];
    if (!target) throw new Error('All servers of the request have been tried');
    return target;
  }
}

/** What Retry-After says of a 503, in milliseconds (RFC 3261 section 21.5.4). */
export function retryAfterMs(response: ResponseMessage): number | undefined {
  const seconds = /^\s*(\d{1,9})/.exec(response.getHeader('retry-after') ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
