/** What a look-up found, and how long that holds. */
export interface Answer<T> {
  readonly value: T;
  /** On the clock of the cache, in milliseconds. */
  readonly untilMs: number;
}

interface Entry<T> {
  readonly answer?: Answer<T>;
  /** Why the last look-up failed, and when the next one may be made. */
  readonly failure?: { readonly error: Error; readonly untilMs: number };
}

/** A failed look-up is repeated after this, so that a name that cannot be found costs one query in this time. */
const FAILURE_MS = 5_000;
/** How long an answer that has run out is still good when the servers do not answer (RFC 8767 allows days). */
const STALE_MS = 3_600_000;

/**
 * Answers to look-ups by key, for as long as each one says, in a bounded number. All who wait for the same key share one
 * look-up. When a look-up fails, what was known before goes on for a while.
 */
export class AnswerCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #pending = new Map<string, Promise<Answer<T>>>();

  constructor(
    private readonly maxEntries: number,
    private readonly now: () => number,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  /** Answers at once what it knows. @throws Error that the look-up ended with, or when too many are under way */
  get(key: string, lookUp: () => Promise<Answer<T>>): Answer<T> | Promise<Answer<T>> {
    const known = this.#known(key);
    if (known) return known;
    const pending = this.#pending.get(key);
    if (pending) return pending;
    if (this.#pending.size >= this.maxEntries)
      throw new Error(`Too many look-ups are under way to start that of ${key}`);
    const started = this.#start(key, lookUp).finally(() => this.#pending.delete(key));
    this.#pending.set(key, started);
    return started;
  }

  #known(key: string): Answer<T> | undefined {
    const { answer, failure } = this.#entries.get(key) ?? {};
    if (answer && answer.untilMs > this.now()) return answer;
    if (!failure || failure.untilMs <= this.now()) return undefined;
    if (answer && answer.untilMs + STALE_MS > this.now()) return { value: answer.value, untilMs: failure.untilMs };
    throw failure.error;
  }

  async #start(key: string, lookUp: () => Promise<Answer<T>>): Promise<Answer<T>> {
    try {
      const answer = await lookUp();
      this.#keep(key, { answer });
      return answer;
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
      this.#keep(key, { ...this.#entries.get(key), failure: { error, untilMs: this.now() + FAILURE_MS } });
      const known = this.#known(key);
      if (known) return known;
      throw error;
    }
  }

  #keep(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }
}
