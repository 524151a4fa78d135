import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a name may take to be looked up. */
const LOOKUP_TIMEOUT_MS = 5_000;

/** Networks of which nobody outside has an address (RFC 6890 and its registries), by the family of their addresses. */
const NOT_PUBLIC = listOf(
  (
    '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 ' +
    '198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 ::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 ' +
    '2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/9 ff00::/8'
  ).split(' '),
);

/** Whether a text is a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  const family = isIP(address);
  return family !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128) && more.length === 0;
}

/** Looks an address up for the clients whose URL it is, and keeps them out of the networks of this host. */
export class AddressGuard {
  readonly #allowed: BlockList;

  /** @param networks that are allowed although they are private */
  constructor(
    networks: readonly string[],
    private readonly resolve: (host: string) => Promise<readonly LookupAddress[]> = lookUp,
    private readonly ownNetworks: () => readonly string[] = networksOfHost,
  ) {
    this.#allowed = listOf(networks);
  }

  /** The one address that is used for this URL from now on; undefined if it has none, or one of them is forbidden. */
  async addressOf(url: string): Promise<LookupAddress | undefined> {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    const family = isIP(host);
    const addresses = family === 0 ? await this.#lookUp(host) : [{ address: host, family }];
    const own = listOf(this.ownNetworks());
    return addresses.every((address) => this.#mayBeCalled(address, own)) ? addresses[0] : undefined;
  }

  async #lookUp(host: string): Promise<readonly LookupAddress[]> {
    const late = new AbortController();
    const timeout = delay(LOOKUP_TIMEOUT_MS, [], { signal: late.signal, ref: false });
    try {
      return await Promise.race([this.resolve(host), timeout]);
    } catch {
      return [];
    } finally {
      late.abort();
      timeout.catch(() => undefined);
    }
  }

  /** An IPv4 address is judged as one also where it is written as an IPv6 address. */
  #mayBeCalled({ address, family }: LookupAddress, own: BlockList): boolean {
    const type = family === 6 ? 'ipv6' : 'ipv4';
    return this.#allowed.check(address, type) || !(NOT_PUBLIC.check(address, type) || own.check(address, type));
  }
}

function lookUp(host: string): Promise<readonly LookupAddress[]> {
  return lookup(host, { all: true });
}

/** The addresses of this host, as networks of one address: its services may trust what comes from there, also where that is public. */
function networksOfHost(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address, family }) => `${address}/${family === 'IPv6' ? 128 : 32}`);
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
