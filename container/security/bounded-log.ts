import type { Log } from '../../sdk/log.js';

/** How many lines of a kind are written in how many milliseconds. */
const MAX_LINES = 10;
const PERIOD_MS = 10_000;

/** Warnings that strangers can cause at will: so many at the most in each period, then one line tells how many were left out. */
export class BoundedLog {
  #periodEndsAtMs = 0;
  #lines = 0;
  #leftOut = 0;

  constructor(
    private readonly log: Log,
    private readonly message: string,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  warn(fields: Readonly<Record<string, unknown>>): void {
    const nowMs = this.nowMs();
    if (nowMs >= this.#periodEndsAtMs) {
      this.#periodEndsAtMs = nowMs + PERIOD_MS;
      this.#lines = 0;
    }
    if (this.#lines >= MAX_LINES) {
      this.#leftOut += 1;
      return;
    }
    this.#lines += 1;
    this.log.warn(this.message, this.#leftOut > 0 ? { ...fields, leftOut: this.#leftOut } : fields);
    this.#leftOut = 0;
  }
}
