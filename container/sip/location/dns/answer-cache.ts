/** The result of a look-up, and how long it holds. */
export interface Answer<T> {
  readonly value: T;
  /** In milliseconds, on the clock of the cache. */
  readonly untilMs: number;
}

interface Entry<T> {
  readonly answer?: Answer<T>;
  /** Why the last look-up failed, and when the next one may be made. */
  readonly failure?: { readonly error: Error; readonly untilMs: number };
}

/** A failed look-up is repeated after this time at the earliest, so that a name that cannot be found costs few queries. */
const FAILURE_MS = 5_000;
/** How long an expired answer is still used when the servers do not answer (RFC 8767 allows days). */
const STALE_MS = 3_600_000;

/**
 * A bounded cache of answers by key, each kept as long as it says. Concurrent requests for a key share one look-up. When a look-up fails,
 * the expired answer is used for a while.
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

  /** Answers at once if the answer is cached. @throws Error of the look-up, or when too many are under way */
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
