import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** How long the addresses of the interfaces are cached, in milliseconds. */
const KNOWN_MS = 10_000;
/** Loopback, and "this host" (RFC 1122 section 3.2.1.3), which is loopback, too. */
const LOOPBACK_IPV4 = /^(?:127|0)\./;

/** The addresses of this host: loopback, and those of its interfaces. */
export class OwnHost {
  #ipv4: ReadonlySet<string> = new Set();
  /** A BlockList compares values: an IPv6 address has many spellings, some with an IPv4 address inside. */
  #ipv6 = new BlockList();
  #knownUntilMs = 0;

  /** @param now in milliseconds, monotonic */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param address an IP address, without brackets */
  has(address: string): boolean {
    if (this.now() >= this.#knownUntilMs) this.#look();
    if (isIPv4(address)) return LOOPBACK_IPV4.test(address) || this.#ipv4.has(address);
    const [plain = ''] = address.split('%', 1);
    return this.#ipv6.check(plain, 'ipv6');
  }

  #look(): void {
    const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const ipv4 = interfaces.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
    this.#knownUntilMs = this.now() + KNOWN_MS;
    this.#ipv4 = new Set(ipv4);
    this.#ipv6 = new BlockList();
    this.#ipv6.addSubnet('127.0.0.0', 8, 'ipv4');
    this.#ipv6.addSubnet('0.0.0.0', 8, 'ipv4');
    this.#ipv6.addAddress('::', 'ipv6');
    this.#ipv6.addAddress('::1', 'ipv6');
    for (const { address, family } of interfaces) this.#ipv6.addAddress(address, family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
}
