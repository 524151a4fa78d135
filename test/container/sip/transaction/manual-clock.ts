import { type Clock, fire } from '../../../../container/sip/transaction/machine.js';

interface Waiting {
  readonly id: number;
  readonly atMs: number;
  readonly running: Parameters<typeof fire>[0];
}

/** A clock that the test advances. */
export class ManualClock implements Clock {
  nowMs = 0;
  #last = 0;
  #waiting: readonly Waiting[] = [];

  /** Number of running timers. */
  get running(): number {
    return this.#waiting.length;
  }

  start(ms: number, running: Waiting['running']): number {
    this.#last += 1;
    this.#waiting = [...this.#waiting, { id: this.#last, atMs: this.nowMs + ms, running }];
    return this.#last;
  }

  stop(wait: unknown): void {
    this.#waiting = this.#waiting.filter(({ id }) => id !== wait);
  }

  passMs(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      const next = this.#waiting.toSorted((a, b) => a.atMs - b.atMs).find(({ atMs }) => atMs <= endMs);
      if (!next) break;
      this.stop(next.id);
      this.nowMs = next.atMs;
      fire(next.running);
    }
    this.nowMs = endMs;
  }
}
