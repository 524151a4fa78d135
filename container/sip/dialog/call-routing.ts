import { Failover, type HopRestriction } from '../location/failover.js';
import type { Locator } from '../location/locator.js';
import { routeHop } from '../location/next-hop.js';
import type { KnownPlaces, Place, AllowedHops } from '../location/allowed-hops.js';
import { Destination } from '../location/destination.js';
import type { ServerAddresses } from '../location/server-addresses.js';
import type { Origin } from '../transport/transport.js';

/** Where the requests of one call go, and which servers the call is known to go through. */
export class CallRouting implements KnownPlaces, HopRestriction {
  /** The targets of the last request outside a dialog. */
  #toProxy: Failover | undefined;
  /** Where the last request over UDP came from. */
  #source: Place | undefined;

  /** @param proxy the servers of the proxy that the call's user agent uses */
  constructor(
    private readonly locator: Locator,
    private readonly allowedHops: AllowedHops,
    private readonly proxy: Pick<ServerAddresses, 'includes'>,
  ) {}

  /** For a request outside a dialog, which goes to the proxy. */
  toProxy(): Failover {
    const failover = new Failover(this.locator);
    this.#toProxy = failover;
    return failover;
  }

  /** For a request in a dialog: the other side names its next hop. */
  inDialog(): Failover {
    return new Failover(this.locator, this);
  }

  /** For the server that a Route names. The look-up has begun; without a server there are no targets. */
  toRoute(route: string): Failover {
    const failover = this.toProxy();
    new Destination(failover, () => routeHop(route)).locate(ignore, ignore);
    return failover;
  }

  refusalOf(place: Place): string | undefined {
    return this.allowedHops.refusalOf(place, this);
  }

  /** Notes where a request came from. */
  note(source: Origin): void {
    if (source.transport === 'UDP') this.#source = source;
  }

  isProxy(place: Place): boolean {
    return this.proxy.includes(place) || (this.#toProxy?.mayLeadTo(place) ?? false);
  }

  isSource({ address, port }: Place): boolean {
    return this.#source?.address === address && this.#source.port === port;
  }
}

function ignore(): void {
  // without a server, no challenge is known to come from the proxy
}
