import { hostPort } from '../message/host-port.js';
import type { ResponseMessage } from '../message/parser/received-message.js';
import type { Locator } from './locator.js';
import type { Hop } from './next-hop.js';
import type { Place } from './allowed-hops.js';
import type { Target } from '../transport/transport.js';

/** Which servers a request may go to. */
export interface HopRestriction {
  /** @returns why the request may not go there; undefined if it may */
  refusalOf(place: Place): string | undefined;
}

/**
 * The targets of one request's next hop, tried one after the other (RFC 3263 section 4.3). A new request is sent to each target. The
 * answer to a challenge goes to the target that challenged.
 */
export class Failover {
  #targets: readonly Target[] | undefined;
  #tried = 0;

  /** @param restriction of a request whose next hop was named by the other side of a dialog; by default none */
  constructor(
    private readonly locator: Locator,
    private readonly restriction?: HopRestriction,
  ) {}

  /** The current target. The first call looks the hop up. @throws Error when no server is found, or none that the request may go to */
  target(hop: () => Hop): Target | Promise<Target> {
    if (this.#targets) return this.#current(this.#targets);
    const located = this.#locate(hop());
    return located instanceof Promise ? located.then((targets) => this.#current(targets)) : this.#current(located);
  }

  /** Whether the look-up is done and found no second target. */
  get hasSingleTarget(): boolean {
    return this.#targets?.length === 1;
  }

  get hasOther(): boolean {
    return this.#targets !== undefined && this.#tried + 1 < this.#targets.length;
  }

  /** Whether the current target is also a target of the other, over whichever transport. */
  sharesServerWith(other: Failover): boolean {
    const here = this.#targets?.[this.#tried];
    return here !== undefined && other.mayLeadTo(here);
  }

  /** Whether a target has this address and port, over whichever transport. */
  mayLeadTo({ address, port }: Place): boolean {
    return this.#targets?.some((target) => target.address === address && target.port === port) ?? false;
  }

  /**
   * Passes over the current target, which has failed, for `restMs` milliseconds or the default, and moves on to the next one.
   * @returns false when there is no next target
   */
  tryNext(restMs?: number): boolean {
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
    if (!(located instanceof Promise)) return (this.#targets = this.#allowed(located));
    return located.then((targets) => (this.#targets = this.#allowed(targets)));
  }

  /** @throws Error when the request may go to none of them */
  #allowed(targets: readonly Target[]): readonly Target[] {
    const { restriction } = this;
    if (!restriction) return targets;
    const allowed = targets.filter((target) => restriction.refusalOf(target) === undefined);
    if (allowed.length === targets.length) return targets;
    const [refused] = targets;
    if (!refused || allowed.length > 0) return allowed;
    throw new Error(`Not sent to ${hostPort(refused.address, refused.port)}: ${restriction.refusalOf(refused)}`);
  }

  #current(targets: readonly Target[]): Target {
    const target = targets[this.#tried];
    if (!target) throw new Error('All servers of the request have been tried');
    return target;
  }
}

/** The Retry-After of a 503, in milliseconds (RFC 3261 section 21.5.4). */
export function retryAfterMs(response: ResponseMessage): number | undefined {
  const seconds = /^\s*(\d{1,9})/.exec(response.getHeader('retry-after') ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
