import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Hop } from './next-hop.js';

export interface Target {
  readonly address: string;
  readonly port: number;
}

const DEFAULT_SIP_PORT = 5060;
/** How long a found target is used again, in milliseconds; a changed record takes effect after this. */
const CACHE_MS = 30_000;
const CACHE_ENTRIES = 1_000;

/**
 * Finds the server of a hop by RFC 3263 section 4.2, for UDP: a literal address as it is, a name with a port by A or AAAA,
 * a name without one by SRV first.
 */
export class Locator {
  readonly #resolver = new Resolver({ timeout: 2_000, tries: 2 });
  readonly #found = new Map<string, { readonly target: Target; readonly untilMs: number }>();
  readonly #lookUps = new Map<string, Promise<Target>>();

  /** @param family of the addresses that the socket can send to */
  constructor(private readonly family: 4 | 6) {}

  /**
   * Answers at once where no look-up is needed, and all who wait for the same name together, so that messages keep their order.
   * @throws Error when a name has no address
   */
  locate(hop: Hop): Target | Promise<Target> {
    if (isIP(hop.host)) return { address: hop.host, port: hop.port ?? DEFAULT_SIP_PORT };
    const key = `${hop.host}:${hop.port ?? ''}`;
    const found = this.#found.get(key);
    if (found && found.untilMs > Date.now()) return found.target;
    return this.#lookUps.get(key) ?? this.#startLookUp(key, hop);
  }

  /** Ends look-ups under way. */
  close(): void {
    this.#resolver.cancel();
  }

  #startLookUp(key: string, hop: Hop): Promise<Target> {
    const lookUp = this.#lookUp(hop)
      .then((target) => {
        if (this.#found.size >= CACHE_ENTRIES) this.#found.clear();
        this.#found.set(key, { target, untilMs: Date.now() + CACHE_MS });
        return target;
      })
      .finally(() => this.#lookUps.delete(key));
    this.#lookUps.set(key, lookUp);
    return lookUp;
  }

  async #lookUp(hop: Hop): Promise<Target> {
    if (hop.port !== undefined) return { address: await this.#addressOf(hop.host), port: hop.port };
    const service = await this.#resolver.resolveSrv(`_sip._udp.${hop.host}`).catch(() => []);
    const best = service.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight)[0];
    if (best) return { address: await this.#addressOf(best.name), port: best.port };
    return { address: await this.#addressOf(hop.host), port: DEFAULT_SIP_PORT };
  }

  /** By the system's own rules, so that /etc/hosts counts. */
  async #addressOf(name: string): Promise<string> {
    return (await lookup(name, { family: this.family })).address;
  }
}
