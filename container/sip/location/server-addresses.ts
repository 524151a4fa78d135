import type { Locator } from './locator.js';
import type { Hop } from './next-hop.js';
import type { Target } from '../transport/transport.js';

/** How long addresses are used before they are looked up again, in milliseconds. */
const KNOWN_MS = 60_000;

/** The addresses of a hop's servers, for questions that cannot wait for an answer: it comes from the look-up before. */
export class ServerAddresses {
  #addresses: ReadonlySet<string> = new Set();
  #knownUntilMs = 0;

  constructor(
    private readonly locator: Pick<Locator, 'locate'>,
    private readonly hop: Hop,
    private readonly now: () => number = () => performance.now(),
  ) {}

  has(address: string): boolean {
    if (this.now() >= this.#knownUntilMs) void this.#refresh();
    return this.#addresses.has(address);
  }

  /** Where nothing is found the addresses stay as they were. */
  async #refresh(): Promise<void> {
    this.#knownUntilMs = this.now() + KNOWN_MS;
    try {
      const located = this.locator.locate(this.hop);
      this.#take(located instanceof Promise ? await located : located);
    } catch {
      // a request to them would fail, and say why
    }
  }

  #take(targets: readonly Target[]): void {
    this.#addresses = new Set(targets.map(({ address }) => address));
  }
}
