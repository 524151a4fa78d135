/** Spreads what comes all at once: one for each interval. */
export class Pace {
  #nextAtMs = 0;

  constructor(private readonly intervalMs: number) {}

  /** How long the next one has to wait, in milliseconds. */
  next(): number {
    const nowMs = performance.now();
    const atMs = Math.max(nowMs, this.#nextAtMs);
    this.#nextAtMs = atMs + this.intervalMs;
    return atMs - nowMs;
  }
}
