import { firstWaitMs, transactionTimeoutMs } from './timers.js';

/** When a subscription is to be refreshed: so early that there is time for an answer, and for other attempts if that fails. */
export class SubscriptionLifetime {
  #endsAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly refresh: () => void) {}

  /** The other side has said how long it lasts from now on. */
  set(seconds: number): void {
    this.#endsAtMs = performance.now() + seconds * 1_000;
  }

  /** Refreshes in time. */
  wait(): void {
    const leftMs = this.#leftMs;
    const waitMs = leftMs > 2 * transactionTimeoutMs() ? leftMs - transactionTimeoutMs() : leftMs / 2;
    this.stop();
    // A notifier that gives no time at all is not asked without a pause.
    this.#timer = setTimeout(() => this.refresh(), Math.max(waitMs, 2 * firstWaitMs()));
  }

  /** Whether another attempt makes sense. */
  get hasTime(): boolean {
    return this.#leftMs > 2 * firstWaitMs();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  get #leftMs(): number {
    return this.#endsAtMs - performance.now();
  }
}
