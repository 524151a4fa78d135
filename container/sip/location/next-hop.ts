import type { Uri } from '../message/uri.js';
import { withoutBrackets } from '../message/host-port.js';
import { parseTarget, splitList } from '../message/parser/index.js';
import type { Protocol } from '../transport/transport.js';

/** The next hop of a message, before names are looked up. */
export interface Hop {
  /** Host name or address, without brackets. */
  readonly host: string;
  /** Undefined: RFC 3263 decides. */
  readonly port: number | undefined;
  /** Value of `;transport=`. Undefined: RFC 3263 decides. */
  readonly transport: string | undefined;
  /** A `sips:` URI: TLS only. */
  readonly isSecure: boolean;
}

/**
 * The first Route of a request, else its Request-URI (RFC 3261 section 8.1.2, loose routing).
 * @throws Error if that is not a SIP URI, for example `tel:`
 */
export function requestHop({ ruri, route }: { readonly ruri: Uri; readonly route: string | undefined }): Hop {
  return route === undefined ? uriHop(ruri) : routeHop(route);
}

let known: { readonly route: string; readonly hop: Hop } | undefined;

/** The hop that the first value of a Route names; most requests of a process have the same. */
export function routeHop(route: string): Hop {
  if (known?.route !== route) known = { route, hop: uriHop(parseTarget(splitList(route)[0] ?? '').uri) };
  return known.hop;
}

/** The transport that a hop names; UDP if it leaves the choice to RFC 3263. */
export function namedProtocol({ transport, isSecure }: Hop): Protocol {
  if (isSecure) return 'TLS';
  const named = transport?.toUpperCase();
  return named === 'TCP' || named === 'TLS' ? named : 'UDP';
}

/** @throws Error if that is not a SIP URI, for example `tel:` */
export function uriHop(uri: Uri): Hop {
  const host = withoutBrackets(uri.getParam('maddr') ?? uri.host);
  if (!host) throw new Error(`No SIP server is named by ${uri.toString()}`);
  const transport = uri.getParam('transport') ?? undefined;
  return { host, port: uri.port, transport, isSecure: uri.scheme === 'sips' };
}
