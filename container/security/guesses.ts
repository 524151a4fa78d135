import createError from 'http-errors';
import type { SharedLogins } from './shared-logins.js';

/** The period in which wrong PINs are counted together, and the wait that follows too many of them. */
const PERIOD_MS = 300_000;
const WAIT_MS = 300_000;
/** How many checks may wait for their turn at one counter, and for how long. */
const MAX_WAITING = 1_024;
const MAX_TURN_MS = 10_000;

interface Counter {
  wrong: number;
  /** When `wrong` is forgotten. */
  endsAtMs: number;
  /** Checks under way, whose outcome is not known. */
  running: number;
  readonly waiting: Set<() => void>;
}

export interface GuessesOptions {
  /** Most wrong PINs of one key. */
  readonly most: number;
  /** A clock that does not jump. */
  readonly nowMs?: () => number;
  /** What other nodes have counted counts too. */
  readonly shared?: SharedLogins | undefined;
}

/**
 * Counts wrong PINs by key. Only what turned out to be wrong counts, and no more checks of a key run at a time than may still be wrong:
 * so guesses side by side gain nothing, and right PINs side by side cost nothing but their turn.
 */
export class Guesses {
  /** In the order in which their times end. */
  readonly #counters = new Map<string, Counter>();
  readonly #nowMs: () => number;

  constructor(private readonly options: GuessesOptions) {
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** How many counters there are. */
  get size(): number {
    return this.#counters.size;
  }

  /**
   * Lets a check begin when its turn has come. Each call that succeeds has to be followed by one of `leave`.
   * @throws HttpError 429 with Retry-After after too many wrong PINs, 503 with Retry-After where too many checks wait
   */
  async enter(key: string): Promise<void> {
    const { most, shared } = this.options;
    const all = shared && (await shared.wrong(key));
    if (all && all.wrong >= most) throw tooManyWrong(all.forMs);
    for (;;) {
      const counter = this.#counterOf(key);
      if (counter.wrong >= most) throw tooManyWrong(counter.endsAtMs - this.#nowMs());
      if (counter.wrong + counter.running < most) {
        counter.running += 1;
        return;
      }
      await turnAt(counter);
    }
  }

  /**
   * @param isWrong whether the PIN was wrong
   * @returns whether that was one too many: from now on all have to wait
   */
  leave(key: string, isWrong: boolean): boolean {
    const { most } = this.options;
    const counter = this.#counterOf(key);
    counter.running -= 1;
    if (isWrong) this.#count(key, counter);
    else if (counter.wrong === 0 && isIdle(counter)) this.#counters.delete(key);
    const isTooMany = counter.wrong >= most;
    let turns = isTooMany ? Infinity : most - counter.wrong - counter.running;
    for (const wake of counter.waiting) {
      if (turns <= 0) break;
      turns -= 1;
      wake();
    }
    return isTooMany && isWrong;
  }

  #count(key: string, counter: Counter): void {
    this.options.shared?.count(key, this.options.most, PERIOD_MS, WAIT_MS);
    counter.wrong += 1;
    const isTooMany = counter.wrong === this.options.most;
    if (counter.wrong > 1 && !isTooMany) return;
    counter.endsAtMs = this.#nowMs() + (isTooMany ? WAIT_MS : PERIOD_MS);
    this.#counters.delete(key);
    this.#sweep();
    this.#counters.set(key, counter);
  }

  #counterOf(key: string): Counter {
    let counter = this.#counters.get(key);
    if (!counter) {
      counter = { wrong: 0, endsAtMs: 0, running: 0, waiting: new Set() };
      this.#counters.set(key, counter);
    }
    if (counter.wrong > 0 && counter.endsAtMs <= this.#nowMs()) counter.wrong = 0;
    return counter;
  }

  /** Forgets counters whose time is over. */
  #sweep(): void {
    const nowMs = this.#nowMs();
    for (const [key, counter] of this.#counters) {
      if (counter.endsAtMs > nowMs) return;
      if (isIdle(counter)) this.#counters.delete(key);
    }
  }
}

function isIdle({ running, waiting }: Counter): boolean {
  return running === 0 && waiting.size === 0;
}

/** Settles when a check at this counter has ended. @throws HttpError 503 */
function turnAt({ waiting }: Counter): Promise<void> {
  if (waiting.size >= MAX_WAITING) throw tooManyWaiting();
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      waiting.delete(wake);
      act();
    };
    const wake = (): void => settle(resolve);
    const timer = setTimeout(() => settle(() => reject(tooManyWaiting())), MAX_TURN_MS);
    waiting.add(wake);
  });
}

function tooManyWrong(waitMs: number): Error {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return createError(429, `Too many wrong PINs: try again in ${seconds} seconds`, {
    headers: { 'Retry-After': String(seconds) },
  });
}

function tooManyWaiting(): Error {
  return createError(503, 'Too many logins at a time: try again in 1 second', {
    expose: true,
    headers: { 'Retry-After': '1' },
  });
}
