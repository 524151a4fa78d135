import type { Journey } from './journey.js';
import type { Hop } from './next-hop.js';
import type { Target } from '../transport/transport.js';

/**
 * Where the messages of one transaction go: the current step of its request's journey. What is sent again, a CANCEL and the ACK of a
 * refusal go there as well (RFC 3261 sections 9.1 and 17.1.1.3).
 */
export class Way {
  #target: Target | Promise<Target> | undefined;
  /** Where the request went in the end: a large one goes over TCP although its target was one over UDP. */
  #taken: Target | undefined;
  #hop: (() => Hop) | undefined;

  /** @param hop the next hop of the request; throws where that is no SIP URI */
  constructor(
    private readonly journey: Journey,
    hop: () => Hop,
  ) {
    this.#hop = hop;
  }

  /** Leads a message to the target, at once where nothing has to be looked up. Fails when no server is found. */
  lead(send: (target: Target) => void, fail: (error: Error) => void): void {
    try {
      const target = this.#taken ?? (this.#target ??= this.#find());
      if (target instanceof Promise) target.then(send).catch(fail);
      else send(target);
    } catch (error) {
      fail(error as Error);
    }
  }

  /** There is another server where this one fails. */
  get hasOther(): boolean {
    return this.journey.hasOther;
  }

  /** The request has gone to this target. */
  took(target: Target): void {
    this.#taken = target;
  }

  /** The server has answered. */
  answered(): void {
    if (this.#target && !(this.#target instanceof Promise)) this.journey.wake(this.#target);
  }

  #find(): Target | Promise<Target> {
    const hop = this.#hop;
    this.#hop = undefined;
    if (!hop) throw new Error('The request has no next hop');
    const target = this.journey.target(hop);
    if (!(target instanceof Promise)) return target;
    return target.then((found) => (this.#target = found));
  }
}
