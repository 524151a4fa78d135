import { clientKey } from './client-key.js';

export interface InboundLimits {
  /** Connections that peers have opened; more are refused, but for those of the domain's proxy. */
  readonly maxInbound: number;
  /** How many of them one address may have, an IPv6 client counting by its /64. */
  readonly maxInboundPerAddress: number;
  /** Connections that the domain's proxy may open beyond those. */
  readonly keptForProxy: number;
}

/** Who may open connections to a port, so that no stranger takes them all. */
export class InboundRoom {
  readonly #byAddress = new Map<string, number>();
  #strangers = 0;
  #ofProxy = 0;

  constructor(
    private readonly limits: InboundLimits,
    private readonly isProxy: (address: string) => boolean,
  ) {}

  /** @returns gives the place back; undefined: there is none for this address */
  take(address: string): (() => void) | undefined {
    const key = clientKey(address);
    const held = this.#byAddress.get(key) ?? 0;
    if (this.#strangers < this.limits.maxInbound && held < this.limits.maxInboundPerAddress) {
      this.#strangers += 1;
      this.#byAddress.set(key, held + 1);
      return () => this.#leave(key);
    }
    if (this.#ofProxy >= this.limits.keptForProxy || !this.isProxy(address)) return undefined;
    this.#ofProxy += 1;
    return () => {
      this.#ofProxy -= 1;
    };
  }

  #leave(key: string): void {
    const held = this.#byAddress.get(key) ?? 0;
    this.#strangers -= 1;
    if (held > 1) this.#byAddress.set(key, held - 1);
    else this.#byAddress.delete(key);
  }
}
