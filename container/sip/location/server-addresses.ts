import type { Locator } from './locator.js';
import type { Hop } from './next-hop.js';
import type { Place } from './allowed-hops.js';
import type { Target } from '../transport/transport.js';

/** How long addresses are used before they are looked up again, in milliseconds. */
const KNOWN_MS = 60_000;

/** The addresses of a hop's servers, for questions that cannot wait for a look-up: answered from the previous one. */
export class ServerAddresses {
  #targets: readonly Target[] = [];
  #knownUntilMs = 0;

  constructor(
    private readonly locator: Pick<Locator, 'locate'>,
    private readonly hop: Hop,
    private readonly now: () => number = () => performance.now(),
  ) {}

  has(address: string): boolean {
    return this.#known.some((target) => target.address === address);
  }

  /** Whether a server has this address and port, over whichever transport. */
  includes({ address, port }: Place): boolean {
    return this.#known.some((target) => target.address === address && target.port === port);
  }

  get #known(): readonly Target[] {
    if (this.now() >= this.#knownUntilMs) void this.#refresh();
    return this.#targets;
  }

  /** If nothing is found, the addresses stay. */
  async #refresh(): Promise<void> {
    this.#knownUntilMs = this.now() + KNOWN_MS;
    try {
      const located = this.locator.locate(this.hop);
      this.#targets = located instanceof Promise ? await located : located;
    } catch {
      // a request to the hop would fail and say why
    }
  }
}
