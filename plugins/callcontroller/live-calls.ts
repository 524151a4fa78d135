import type { KeptCall } from './kept-call.js';

/** The calls that are not over, and who waits for their end. */
export class LiveCalls {
  readonly #calls = new Map<KeptCall, () => void>();

  add(kept: KeptCall): void {
    this.#calls.set(kept, () => undefined);
  }

  has(kept: KeptCall): boolean {
    return this.#calls.has(kept);
  }

  /** Oldest first. */
  all(): IterableIterator<KeptCall> {
    return this.#calls.keys();
  }

  /** The call is over: tells those who wait for that. */
  end(kept: KeptCall): void {
    this.#calls.get(kept)?.();
    this.#calls.delete(kept);
  }

  /** @returns fulfilled when a call of these is over */
  endOf(kept: KeptCall): Promise<void> {
    const others = this.#calls.get(kept);
    return new Promise((resolve) => {
      this.#calls.set(kept, () => {
        others?.();
        resolve();
      });
    });
  }
}

/** Waits for a promise, but no longer than this, in milliseconds. @returns whether it was fulfilled in time */
export async function isSettledWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  const isInTime = await Promise.race([promise.then(() => true), timeout]);
  clearTimeout(timer);
  return isInTime;
}
