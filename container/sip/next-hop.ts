import { isIP } from 'node:net';
import { parseNameAddr, parseUri, splitList } from './parser/index.js';
import { parseVia } from './parser/via.js';

/** Where a message goes next, before names are looked up. */
export interface Hop {
  readonly host: string;
  /** Undefined: RFC 3263 decides. */
  readonly port: number | undefined;
}

const DEFAULT_SIP_PORT = 5060;

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
  return { host, port: uri.port };
}

/**
 * Back to where the request came from: the top Via's `received` and `rport`, which were written in on receipt, or its sent-by
 * (RFC 3261 section 18.2.2, RFC 3581 section 4). A `maddr` is not followed: nobody here is called by multicast.
 */
export function responseHop(response: string): Hop {
  const via = parseVia(/\r\nVia: ([^\r]+)/.exec(response)?.[1] ?? '');
  const port = via.rport ? Number(via.rport) : (via.port ?? DEFAULT_SIP_PORT);
  return { host: withoutBrackets(via.received ?? via.host), port };
}

/** Host and port as they stand in a URI or Via: IPv6 in brackets. */
export function hostPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
