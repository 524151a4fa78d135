/** A semaphore: admits a limited number at a time. */
export class Places {
  readonly #waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async take(run: () => Promise<void>): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      await run();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
