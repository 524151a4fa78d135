const SECOND_MS = 1_000;
/** What may happen at once. More is spread over the second, so that a burst leaves the event loop time for others. */
const AT_ONCE = 50;

/** Counts events in a second, which begins with the first of them. */
export class Rate {
  #endsAtMs = 0;
  #count = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** How many more may happen in this second. */
  left(limit: number): number {
    return Math.max(0, limit - this.counted);
  }

  /** How many have happened in this second. */
  get counted(): number {
    return this.isOver ? 0 : this.#count;
  }

  /** Until the second is over; 1 at the least. */
  get secondsLeft(): number {
    return Math.max(1, Math.ceil((this.#endsAtMs - this.nowMs()) / SECOND_MS));
  }

  get isOver(): boolean {
    return this.nowMs() >= this.#endsAtMs;
  }

  count(): void {
    if (this.isOver) {
      this.#endsAtMs = this.nowMs() + SECOND_MS;
      this.#count = 0;
    }
    this.#count += 1;
  }

  /** Milliseconds until the one that was counted last should happen, if at most `limit` happen in a second. */
  delayMs(limit: number): number {
    const dueAtMs = this.#endsAtMs - SECOND_MS + ((this.#count - AT_ONCE) / limit) * SECOND_MS;
    return Math.max(0, dueAtMs - this.nowMs());
  }
}
