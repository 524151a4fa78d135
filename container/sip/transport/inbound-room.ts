import { clientKey } from './client-key.js';

export interface InboundLimits {
  /** Most connections that peers may open, those of the domain's proxy apart. */
  readonly maxInbound: number;
  /** Most of them from one address; an IPv6 client counts by its /64. */
  readonly maxInboundPerAddress: number;
  /** Further connections, for the domain's proxy only. */
  readonly keptForProxy: number;
}

/** Admits connections to a port, so that no stranger takes all of them. */
export class InboundRoom {
  readonly #byAddress = new Map<string, number>();
  #strangers = 0;
  #ofProxy = 0;

  constructor(
    private readonly limits: InboundLimits,
    private readonly isProxy: (address: string) => boolean,
  ) {}

  /** @returns gives the place back; undefined if there is none for this address */
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
