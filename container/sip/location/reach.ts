import { OwnHost } from './own-host.js';
import type { Target } from '../transport/transport.js';

/** An address and a port, over whichever transport. */
export type Place = Pick<Target, 'address' | 'port'>;

/** What one call shows of the SIP servers that it goes through. */
export interface KnownPlaces {
  /** Whether it is a server of the proxy that the call's user agent uses. */
  isProxy(place: Place): boolean;
  /** Whether a request of the call has come from there over UDP. */
  isSource(place: Place): boolean;
}

export interface ReachOptions {
  /** Requests in a dialog go to the proxy and to nobody else. */
  readonly onlyThroughProxy: boolean;
  /** Whether it is a SIP port of this process. */
  readonly isOwnPort: (place: Place) => boolean;
  readonly ownHost?: Pick<OwnHost, 'has'>;
}

/**
 * Where requests in a dialog may go. The other side names their next hop, in its Contact or as a Record-Route, and could name a service of
 * this host that is for local programs only. So on this host they go to SIP servers alone: the proxy, this process, and telephones that
 * have sent a request of the call from there, which nobody can do from another host.
 */
export class Reach {
  readonly #ownHost: Pick<OwnHost, 'has'>;

  constructor(private readonly options: ReachOptions) {
    this.#ownHost = options.ownHost ?? new OwnHost();
  }

  /** @returns why a request may not go there; undefined: it may */
  refusalOf(place: Place, known: KnownPlaces): string | undefined {
    const { onlyThroughProxy, isOwnPort } = this.options;
    if (known.isProxy(place)) return undefined;
    if (onlyThroughProxy) return 'it is not the proxy (onlyThroughProxy)';
    if (!this.#ownHost.has(place.address) || isOwnPort(place) || known.isSource(place)) return undefined;
    return 'it is on this host, and no SIP server that the call goes through';
  }
}
