/** How long a name that nobody answers about is not asked for again, in milliseconds. */
const SILENCE_MS = 120_000;
const MAX_NAMES = 1_000;

/**
 * Names about which the DNS has been silent while it answered about others, as some firewalls and old servers are about NAPTR and
 * SRV: waiting for them anew would cost each call seconds.
 */
export class Silences {
  readonly #untilMs = new Map<string, number>();

  /** @param now clock in milliseconds */
  constructor(private readonly now: () => number) {}

  add(name: string): void {
    this.#untilMs.delete(name);
    this.#untilMs.set(name, this.now() + SILENCE_MS);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > MAX_NAMES && oldest !== undefined) this.#untilMs.delete(oldest);
  }

  has(name: string): boolean {
    return (this.#untilMs.get(name) ?? -Infinity) > this.now();
  }
}
