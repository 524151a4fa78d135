import { isIP } from 'node:net';
import { parseNameAddr, parseUri, splitList } from './parser/index.js';
import { parseVia } from './parser/via.js';

/** Where a message goes next, before names are looked up. */
export interface Hop {
  /** A name or an address, without brackets. */
  readonly host: string;
  /** Undefined: RFC 3263 decides. */
  readonly port: number | undefined;
  /** Value of `;transport=`, or the transport of a Via. Undefined: RFC 3263 decides. */
  readonly transport: string | undefined;
  /** A `sips:` URI: TLS only. */
  readonly isSecure: boolean;
}

/**
 * The first Route of a request that we made, else its Request-URI (RFC 3261 section 8.1.2, loose routing).
 * @throws Error where that is no SIP URI, for example `tel:`
 */
export function requestHop(request: string): Hop {
  const head = request.slice(0, request.indexOf('\r\n\r\n'));
  const route = /\r\nRoute: ([^\r]+)/.exec(head)?.[1];
  const uri =
    route === undefined
      ? parseUri(head.slice(head.indexOf(' ') + 1, head.indexOf(' SIP/2.0\r\n')))
      : parseNameAddr(splitList(route)[0] ?? '').uri;
  const host = withoutBrackets(uri.getParam('maddr') ?? uri.host);
  if (!host) throw new Error(`No SIP server is named by ${uri.toString()}`);
  const transport = uri.getParam('transport') ?? undefined;
  return { host, port: uri.port, transport, isSecure: uri.scheme === 'sips' };
}

/**
 * Back to where the request came from: the top Via's `received` and `rport`, which were written in on receipt, or its sent-by
 * (RFC 3261 section 18.2.2, RFC 3581 section 4). A `maddr` is not followed: nobody here is called by multicast.
 */
export function responseHop(response: string): Hop {
  const via = parseVia(/\r\nVia: ([^\r]+)/.exec(response)?.[1] ?? '');
  const port = via.rport ? Number(via.rport) : (via.port ?? defaultPort(via.transport));
  return { host: withoutBrackets(via.received ?? via.host), port, transport: via.transport, isSecure: false };
}

/** The port of a URI or Via that has none (RFC 3261 section 19.1.2). */
export function defaultPort(transport: string): number {
  return transport.toUpperCase() === 'TLS' ? 5061 : 5060;
}

/** Host and port as they stand in a URI or Via: IPv6 in brackets. */
export function hostPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
