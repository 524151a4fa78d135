import type { SipResponse } from '../../../sdk/index.js';
import { firstWaitMs, transactionTimeoutMs } from '../transaction/timers.js';

/** The longest interval that is asked for, in seconds. */
const MAX_EXPIRES_SECONDS = 604_800;
/** A notifier that finds each interval too short is not believed for ever. */
const MAX_TOO_BRIEF = 3;

/**
 * How long a subscription is wanted, how long it lasts, and when it is to be refreshed: so early that there is time for an answer,
 * and for other attempts if that fails.
 */
export class SubscriptionLifetime {
  #wantedSeconds: number;
  #endsAtMs = 0;
  #tooBrief = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @throws RangeError on an interval that is none */
  constructor(
    expiresSeconds: number,
    private readonly refresh: () => void,
  ) {
    if (!Number.isInteger(expiresSeconds) || expiresSeconds < 0 || expiresSeconds > MAX_EXPIRES_SECONDS)
      throw new RangeError(`expiresSeconds: expected 0 to ${MAX_EXPIRES_SECONDS}, found ${expiresSeconds}`);
    this.#wantedSeconds = expiresSeconds;
    this.set(expiresSeconds);
  }

  /** What the next SUBSCRIBE asks for. 0: it is to end. */
  get wantedSeconds(): number {
    return this.#wantedSeconds;
  }

  /** The notifier has said how long it lasts from now on; it must not make it longer (RFC 6665 section 4.2.1.1). */
  set(seconds: number): void {
    this.#endsAtMs = performance.now() + Math.min(seconds, this.#wantedSeconds) * 1_000;
  }

  /** The notifier has taken a SUBSCRIBE. */
  accept(response: SipResponse): void {
    this.#tooBrief = 0;
    this.set(secondsIn(response.header('Expires')) ?? this.#wantedSeconds);
  }

  /** The notifier does not take intervals as short as ours (423). @returns false where it cannot be helped */
  lengthen(response: SipResponse): boolean {
    const minimumSeconds = secondsIn(response.header('Min-Expires')) ?? 0;
    const isLonger = minimumSeconds > this.#wantedSeconds && minimumSeconds <= MAX_EXPIRES_SECONDS;
    this.#tooBrief += 1;
    if (this.#wantedSeconds === 0 || !isLonger || this.#tooBrief > MAX_TOO_BRIEF) return false;
    this.#wantedSeconds = minimumSeconds;
    this.set(minimumSeconds);
    return true;
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

  /** It is not wanted any more. */
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

/** What Expires and Min-Expires say. */
function secondsIn(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}
