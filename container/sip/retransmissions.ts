import { Timers } from 'sip.js/lib/core/index.js';
import { transactionTimeoutMs } from './timers.js';

interface Pending {
  intervalMs: number;
  elapsedMs: number;
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

  /** Timer A: the interval doubles without a limit. Timers E and G: it stops growing at T2. */
  start(key: string, send: () => void, growth: 'unlimited' | 'upToT2'): void {
    this.stop(key);
    const pending: Pending = { intervalMs: Timers.T1, elapsedMs: 0, timer: setTimeout(again, Timers.T1) };
    const pendings = this.#pending;
    pendings.set(key, pending);

    function again(): void {
      pending.elapsedMs += pending.intervalMs;
      if (pending.elapsedMs >= transactionTimeoutMs()) {
        pendings.delete(key);
        return;
      }
      send();
      const doubled = pending.intervalMs * 2;
      pending.intervalMs = growth === 'upToT2' ? Math.min(doubled, Timers.T2) : doubled;
      pending.timer = setTimeout(again, pending.intervalMs);
    }
  }

  /** A provisional response to a request other than INVITE came: from the next time on it is sent every T2 (section 17.1.2.2). */
  slowDown(key: string): void {
    const pending = this.#pending.get(key);
    if (pending) pending.intervalMs = Timers.T2;
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
