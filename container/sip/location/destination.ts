import type { Failover } from './failover.js';
import type { Hop } from './next-hop.js';
import type { Target } from '../transport/transport.js';

/**
 * Where the messages of one transaction go: the current target of its request. Retransmissions, a CANCEL and the ACK of a refusal go
 * to the same place (RFC 3261 sections 9.1 and 17.1.1.3).
 */
export class Destination {
  #target: Target | Promise<Target> | undefined;
  /** Where the request really went: a large one goes over TCP although its target was over UDP (RFC 3261 section 18.1.1). */
  #taken: Target | undefined;
  #hop: (() => Hop) | undefined;

  /** @param hop the next hop of the request; throws if that is not a SIP URI */
  constructor(
    private readonly failover: Failover,
    hop: () => Hop,
  ) {
    this.#hop = hop;
  }

  /** Calls `send` with the target, at once if no look-up is needed; calls `fail` when no server is found. */
  locate(send: (target: Target) => void, fail: (error: Error) => void): void {
    try {
      const target = this.#taken ?? (this.#target ??= this.#find());
      if (target instanceof Promise) target.then(send).catch(fail);
      else send(target);
    } catch (error) {
      fail(error as Error);
    }
  }

  /** Whether another server is left to try when this one fails. */
  get hasOther(): boolean {
    return this.failover.hasOther;
  }

  /** The request has gone to this target. */
  took(target: Target): void {
    this.#taken = target;
  }

  /** The server has answered. */
  answered(): void {
    if (this.#target && !(this.#target instanceof Promise)) this.failover.wake(this.#target);
  }

  #find(): Target | Promise<Target> {
    const hop = this.#hop;
    this.#hop = undefined;
    if (!hop) throw new Error('The request has no next hop');
    const target = this.failover.target(hop);
    if (!(target instanceof Promise)) return target;
    return target.then((found) => (this.#target = found));
  }
}
