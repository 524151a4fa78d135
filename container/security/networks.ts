import { BlockList, isIPv6 } from 'node:net';
import { plainAddress } from '../sip/transport/client-key.js';

/** A set of networks in CIDR notation, checked by the configuration. */
export class Networks {
  readonly #list = new BlockList();

  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const plain = plainAddress(address);
      if (isIPv6(plain)) this.#list.addSubnet(plain, Number(prefix), 'ipv6');
      else this.#list.addSubnet(plain, Number(prefix) - (plain === address ? 0 : 96), 'ipv4');
    }
  }

  /** @param remoteAddress of a socket; undefined when it is closed already */
  has(remoteAddress: string | undefined): boolean {
    if (remoteAddress === undefined) return false;
    const address = plainAddress(remoteAddress);
    return this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}
