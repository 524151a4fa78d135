import type { SipResponse } from '../../../sdk/index.js';
import { firstWaitMs, transactionTimeoutMs } from '../transaction/timers.js';

/** The longest interval to ask for, in seconds. */
const MAX_EXPIRES_SECONDS = 604_800;
/** How often a longer interval is tried after 423. */
const MAX_TOO_BRIEF = 3;

/** How long a subscription is wanted, how long it lasts, and when to refresh it: early enough for an answer, and for further attempts. */
export class SubscriptionLifetime {
  #wantedSeconds: number;
  #endsAtMs = 0;
  #tooBrief = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @throws RangeError on an invalid interval */
  constructor(
    expiresSeconds: number,
    private readonly refresh: () => void,
  ) {
    if (!Number.isInteger(expiresSeconds) || expiresSeconds < 0 || expiresSeconds > MAX_EXPIRES_SECONDS)
      throw new RangeError(`expiresSeconds: expected 0 to ${MAX_EXPIRES_SECONDS}, found ${expiresSeconds}`);
    this.#wantedSeconds = expiresSeconds;
    this.set(expiresSeconds);
  }

  /** What the next SUBSCRIBE asks for; 0 to unsubscribe. */
  get wantedSeconds(): number {
    return this.#wantedSeconds;
  }

  /** The notifier has said how long the subscription lasts from now on; it must not lengthen it (RFC 6665 section 4.2.1.1). */
  set(seconds: number): void {
    this.#endsAtMs = performance.now() + Math.min(seconds, this.#wantedSeconds) * 1_000;
  }

  /** The notifier has accepted a SUBSCRIBE. */
  accept(response: SipResponse): void {
    this.#tooBrief = 0;
    this.set(secondsIn(response.header('Expires')) ?? this.#wantedSeconds);
  }

  /** The notifier wants a longer interval (423). @returns false if that is not possible */
  lengthen(response: SipResponse): boolean {
    const minimumSeconds = secondsIn(response.header('Min-Expires')) ?? 0;
    const isLonger = minimumSeconds > this.#wantedSeconds && minimumSeconds <= MAX_EXPIRES_SECONDS;
    this.#tooBrief += 1;
    if (this.#wantedSeconds === 0 || !isLonger || this.#tooBrief > MAX_TOO_BRIEF) return false;
    this.#wantedSeconds = minimumSeconds;
    this.set(minimumSeconds);
    return true;
  }

  /** Starts the refresh timer. */
  wait(): void {
    const leftMs = this.#leftMs;
    const waitMs = leftMs > 2 * transactionTimeoutMs() ? leftMs - transactionTimeoutMs() : leftMs / 2;
    this.stop();
    // If the notifier grants no time at all, wait nevertheless.
    this.#timer = setTimeout(() => this.refresh(), Math.max(waitMs, 2 * firstWaitMs()));
  }

  /** Whether there is time for another attempt. */
  get hasTime(): boolean {
    return this.#leftMs > 2 * firstWaitMs();
  }

  /** The subscription is no longer wanted. */
  end(): void {
    this.#wantedSeconds = 0;
    this.stop();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  get #leftMs(): number {
    return this.#endsAtMs - performance.now();
  }
}

/** The seconds of Expires or Min-Expires. */
function secondsIn(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}
