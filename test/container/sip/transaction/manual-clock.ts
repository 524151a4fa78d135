import type { Clock } from '../../../../container/sip/transaction/machine.js';

interface Waiting {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock that goes on when a test says so. */
export class ManualClock {
  nowMs = 0;
  #waiting: readonly Waiting[] = [];

  readonly clock: Clock = (ms, callback) => {
    const waiting = { atMs: this.nowMs + ms, callback };
    this.#waiting = [...this.#waiting, waiting];
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
    };
  };

  /** How many timers are running. */
  get running(): number {
    return this.#waiting.length;
  }

  passMs(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      const next = this.#waiting.toSorted((a, b) => a.atMs - b.atMs).find(({ atMs }) => atMs <= endMs);
      if (!next) break;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.nowMs = next.atMs;
      next.callback();
    }
    this.nowMs = endMs;
  }
}
