import { Timers } from 'sip.js/lib/core/index.js';
import { transactionTimeoutMs } from './timers.js';

/**
 * Sends one message again over an unreliable transport until it is answered: Timers A, E and G of RFC 3261 section 17, which
 * sip.js lacks. It gives up after 64*T1, when the transaction's own timer (B, F or H) ends it.
 */
export class Retransmission {
  /** The interval under way. */
  #waitMs = Timers.T1;
  #waitedMs = 0;
  #isSlow = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param growth Timer A: the interval doubles without a limit. Timers E and G: it stops growing at T2. */
  constructor(
    private readonly send: () => void,
    private readonly growth: 'unlimited' | 'upToT2',
  ) {
    this.#wait();
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** A provisional response to a request other than INVITE came: from the next time on it is sent every T2 (section 17.1.2.2). */
  slowDown(): void {
    this.#isSlow = true;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#again(), this.#waitMs);
  }

  #again(): void {
    this.#waitedMs += this.#waitMs;
    if (this.#waitedMs >= transactionTimeoutMs()) {
      this.#timer = undefined;
      return;
    }
    const doubledMs = this.#waitMs * 2;
    const grownMs = this.growth === 'upToT2' ? Math.min(doubledMs, Timers.T2) : doubledMs;
    this.#waitMs = this.#isSlow ? Timers.T2 : grownMs;
    this.#wait();
    this.send();
  }
}
