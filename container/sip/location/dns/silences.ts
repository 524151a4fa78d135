/** How long a name whose queries got no answer is not queried again, in milliseconds. */
const SILENCE_MS = 120_000;
const MAX_NAMES = 1_000;

/**
 * Names for which DNS queries got no answer while others did: some firewalls and old servers drop NAPTR and SRV queries. Waiting again
 * would cost each call seconds.
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
