import type { Context } from 'koa';

/**
 * Unanswered requests, oldest first. All have the same time limit, so one timer is enough: one for each would cost more than the routing.
 * The timer does not keep the process alive, and is not set again when nothing waits.
 */
export class Unanswered {
  readonly #sinceMs = new Map<Context, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onOverdue called once for a request that has waited for so long */
  constructor(
    private readonly limitMs: number,
    private readonly onOverdue: (ctx: Context) => void,
  ) {}

  add(ctx: Context): void {
    this.#sinceMs.set(ctx, performance.now());
    ctx.res.on('close', () => this.#sinceMs.delete(ctx));
    if (!this.#timer) this.#startTimer(this.limitMs);
  }

  #startTimer(delayMs: number): void {
    this.#timer = setTimeout(() => this.#check(), delayMs).unref();
  }

  #check(): void {
    this.#timer = undefined;
    for (const [ctx, sinceMs] of this.#sinceMs) {
      const remainingMs = sinceMs + this.limitMs - performance.now();
      if (remainingMs > 0) return this.#startTimer(remainingMs);
      this.#sinceMs.delete(ctx);
      this.onOverdue(ctx);
    }
  }
}
