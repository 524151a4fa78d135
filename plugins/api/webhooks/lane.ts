import type { LoggedEvent } from '../events/event-log.js';
import type { Target } from './target.js';

/** How long after a failure the same event is sent again, each time a tenth more or less. */
export const RETRY_DELAYS_MS: readonly number[] = [5_000, 60_000, 300_000, 1_800_000, 7_200_000];

/** How often an event was sent in vain. */
export interface Attempts {
  readonly failures: number;
  /** When it is sent again, in milliseconds since the epoch; 0: as soon as those before it are taken. */
  readonly dueAtMs: number;
}

export const NO_ATTEMPTS: Attempts = { failures: 0, dueAtMs: 0 };

export interface LaneOwner {
  readonly delaysMs: readonly number[];
  /** An event is not waiting any more. */
  onTaken(): void;
  /** An event was sent for the last time, and nobody took it. */
  onGivenUp(event: LoggedEvent, failure: string): void;
  /** Nothing waits: the lane is done with. */
  onEmpty(): void;
  /** The target wants nothing more. */
  onGone(): void;
}

/** The events of one call on their way to one target: one after the other, each until it was taken or given up. */
export class Lane {
  readonly #waiting: LoggedEvent[] = [];
  /** Of the first event that waits. */
  #attempts = NO_ATTEMPTS;
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;
  #isClosed = false;

  constructor(
    private readonly target: Pick<Target, 'send'>,
    private readonly owner: LaneOwner,
  ) {}

  /** @param attempts of an event that another node has sent before */
  add(event: LoggedEvent, attempts: Attempts): void {
    this.#waiting.push(event);
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#attempts = attempts;
    const waitMs = attempts.dueAtMs - Date.now();
    if (waitMs > 0) this.#sendIn(waitMs);
    else void this.#send();
  }

  /** What waits, in order. */
  *waiting(): Generator<{ readonly event: LoggedEvent; readonly attempts: Attempts }> {
    for (const [index, event] of this.#waiting.entries())
      yield { event, attempts: index === 0 ? this.#attempts : NO_ATTEMPTS };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const _ of this.#waiting.splice(0)) this.owner.onTaken();
  }

  #sendIn(ms: number): void {
    this.#timer = setTimeout(() => void this.#send(), ms);
  }

  async #send(): Promise<void> {
    const [event] = this.#waiting;
    if (!event) return;
    const outcome = await this.target.send(event);
    if (this.#isClosed) return;
    if (outcome === 'gone') return this.owner.onGone();
    if (outcome === 'delivered') return this.#next();
    const { failures } = this.#attempts;
    const delayMs = this.owner.delaysMs[failures];
    if (delayMs === undefined) {
      this.owner.onGivenUp(event, outcome.failure);
      return this.#next();
    }
    const waitMs = Math.max(delayMs * (0.9 + Math.random() * 0.2), outcome.retryAfterMs);
    this.#attempts = { failures: failures + 1, dueAtMs: Date.now() + waitMs };
    this.#sendIn(waitMs);
  }

  #next(): void {
    this.#waiting.shift();
    this.owner.onTaken();
    this.#attempts = NO_ATTEMPTS;
    if (this.#waiting.length > 0) {
      void this.#send();
      return;
    }
    this.#isBusy = false;
    this.owner.onEmpty();
  }
}
