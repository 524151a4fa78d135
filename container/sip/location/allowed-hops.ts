import { OwnHost } from './own-host.js';
import type { Target } from '../transport/transport.js';

/** An address and a port, over whichever transport. */
export type Place = Pick<Target, 'address' | 'port'>;

/** Which SIP servers one call is known to go through. */
export interface KnownPlaces {
  /** Whether the place is a server of the proxy that the call's user agent uses. */
  isProxy(place: Place): boolean;
  /** Whether a request of the call has come from the place over UDP. */
  isSource(place: Place): boolean;
}

export interface AllowedHopsOptions {
  /** Requests in a dialog go to the proxy and to nobody else. */
  readonly onlyThroughProxy: boolean;
  /** Whether the place is a SIP port of this process. */
  readonly isOwnPort: (place: Place) => boolean;
  readonly ownHost?: Pick<OwnHost, 'has'>;
}

/**
 * Where requests in a dialog may go. The other side names their next hop, in its Contact or as a Record-Route, and could name a service
 * that this host offers to local programs only. So on this host such requests go to SIP servers alone: the proxy, this process, and
 * telephones that have sent a request of the call from that address, which nobody on another host can do.
 */
export class AllowedHops {
  readonly #ownHost: Pick<OwnHost, 'has'>;

  constructor(private readonly options: AllowedHopsOptions) {
    this.#ownHost = options.ownHost ?? new OwnHost();
  }

  /** @returns why a request may not go there; undefined if it may */
  refusalOf(place: Place, known: KnownPlaces): string | undefined {
    const { onlyThroughProxy, isOwnPort } = this.options;
    if (known.isProxy(place)) return undefined;
    if (onlyThroughProxy) return 'it is not the proxy (onlyThroughProxy)';
    if (!this.#ownHost.has(place.address) || isOwnPort(place) || known.isSource(place)) return undefined;
    return 'it is on this host, and no SIP server that the call goes through';
  }
}
