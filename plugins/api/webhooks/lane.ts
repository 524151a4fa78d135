import type { LoggedEvent } from '../events/event-log.js';
import type { Target } from './target.js';

/** How long after a failure the same event is sent again, each time a tenth more or less. */
export const RETRY_DELAYS_MS: readonly number[] = [5_000, 60_000, 300_000, 1_800_000, 7_200_000];

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
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;
  #isClosed = false;

  constructor(
    private readonly target: Pick<Target, 'send'>,
    private readonly owner: LaneOwner,
  ) {}

  add(event: LoggedEvent): void {
    this.#waiting.push(event);
    if (!this.#isBusy) void this.#send();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const _ of this.#waiting.splice(0)) this.owner.onTaken();
  }

  async #send(): Promise<void> {
    const [event] = this.#waiting;
    if (!event) return;
    this.#isBusy = true;
    const outcome = await this.target.send(event);
    if (this.#isClosed) return;
    if (outcome === 'gone') return this.owner.onGone();
    if (outcome === 'delivered') return this.#next();
    const delayMs = this.owner.delaysMs[this.#failures];
    if (delayMs === undefined) {
      this.owner.onGivenUp(event, outcome.failure);
      return this.#next();
    }
    this.#failures += 1;
    const jitteredMs = delayMs * (0.9 + Math.random() * 0.2);
    this.#timer = setTimeout(() => void this.#send(), Math.max(jitteredMs, outcome.retryAfterMs));
  }

  #next(): void {
    this.#waiting.shift();
    this.owner.onTaken();
    this.#failures = 0;
    this.#isBusy = false;
    if (this.#waiting.length > 0) void this.#send();
    else this.owner.onEmpty();
  }
}
