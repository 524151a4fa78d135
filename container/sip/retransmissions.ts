import { Timers } from 'sip.js/lib/core/index.js';
import { transactionTimeoutMs } from './timers.js';

interface Pending {
  /** The interval under way. */
  waitMs: number;
  waitedMs: number;
  isSlow: boolean;
  timer: NodeJS.Timeout;
}

/**
 * Sends messages again over an unreliable transport until they are answered: Timers A, E and G of RFC 3261 section 17, which
 * sip.js lacks. One instance per call; it gives up after 64*T1, when the transaction's own timer (B, F or H) ends it.
 */
export class Retransmissions {
  readonly #pending = new Map<string, Pending>();

  get size(): number {
    return this.#pending.size;
  }

  /**
   * Timer A: the interval doubles without a limit. Timers E and G: it stops growing at T2. What is sent again already keeps
   * its intervals: a response that a repeated request calls for in between does not begin anew.
   */
  start(key: string, send: () => void, growth: 'unlimited' | 'upToT2'): void {
    if (this.#pending.has(key)) return;
    const timer = setTimeout(again, Timers.T1);
    const pending: Pending = { waitMs: Timers.T1, waitedMs: 0, isSlow: false, timer };
    const pendings = this.#pending;
    pendings.set(key, pending);

    function again(): void {
      pending.waitedMs += pending.waitMs;
      if (pending.waitedMs >= transactionTimeoutMs()) {
        pendings.delete(key);
        return;
      }
      send();
      const doubledMs = pending.waitMs * 2;
      const grownMs = growth === 'upToT2' ? Math.min(doubledMs, Timers.T2) : doubledMs;
      pending.waitMs = pending.isSlow ? Timers.T2 : grownMs;
      pending.timer = setTimeout(again, pending.waitMs);
    }
  }

  has(key: string): boolean {
    return this.#pending.has(key);
  }

  /** A provisional response to a request other than INVITE came: from the next time on it is sent every T2 (section 17.1.2.2). */
  slowDown(key: string): void {
    const pending = this.#pending.get(key);
    if (pending) pending.isSlow = true;
  }

  stop(key: string): void {
    const pending = this.#pending.get(key);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.#pending.delete(key);
  }

  stopAll(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }
}
