import { Journey } from '../location/journey.js';
import type { Locator } from '../location/locator.js';
import { routeHop } from '../location/next-hop.js';
import type { KnownPlaces, Place, Reach } from '../location/reach.js';
import { Way } from '../location/way.js';
import type { ServerAddresses } from '../location/server-addresses.js';
import type { Origin } from '../transport/transport.js';

/** The journeys of one call's requests, and the servers that the call is known to go through. */
export class CallJourneys implements KnownPlaces {
  /** Of the last request outside a dialog. */
  #home: Journey | undefined;
  /** Where the last request over UDP came from. */
  #source: Place | undefined;

  /** @param proxy the servers of the proxy that the call's user agent uses */
  constructor(
    private readonly locator: Locator,
    private readonly reach: Reach,
    private readonly proxy: Pick<ServerAddresses, 'includes'>,
  ) {}

  /** Of a request outside a dialog, to the proxy. */
  toProxy(): Journey {
    const journey = new Journey(this.locator);
    this.#home = journey;
    return journey;
  }

  /** Of a request in a dialog, whose next hop the other side names. */
  inDialog(): Journey {
    return new Journey(this.locator, (place) => this.reach.refusalOf(place, this));
  }

  /** To the server that a Route names, looked up already or soon. Leads nowhere where there is none. */
  toRoute(route: string): Journey {
    const journey = this.toProxy();
    new Way(journey, () => routeHop(route)).lead(ignore, ignore);
    return journey;
  }

  /** A request has come. */
  note(source: Origin): void {
    if (source.transport === 'UDP') this.#source = source;
  }

  isProxy(place: Place): boolean {
    return this.proxy.includes(place) || (this.#home?.mayLeadTo(place) ?? false);
  }

  isSource({ address, port }: Place): boolean {
    return this.#source?.address === address && this.#source.port === port;
  }
}

function ignore(): void {
  // nothing depends on it
}
