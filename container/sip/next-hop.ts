import { isIP } from 'node:net';
import { parseNameAddr, parseUri } from './parser/index.js';

/** Where a message goes next, before names are looked up. */
export interface Hop {
  readonly host: string;
  /** Undefined: RFC 3263 decides. */
  readonly port: number | undefined;
}

/** The first Route of a request that we made, else its Request-URI (RFC 3261 section 8.1.2, loose routing). */
export function requestHop(request: string): Hop {
  const head = request.slice(0, request.indexOf('\r\n\r\n'));
  const route = /\r\nRoute: ([^\r]+)/.exec(head)?.[1];
  const uri =
    route === undefined
      ? parseUri(head.slice(head.indexOf(' ') + 1, head.indexOf(' SIP/2.0\r\n')))
      : parseNameAddr(route).uri;
  return { host: withoutBrackets(uri.getParam('maddr') ?? uri.host), port: uri.port };
}

/**
 * Back to where the request came from: the top Via's `received` and `rport`, which were written in on receipt (RFC 3261
 * section 18.2.2, RFC 3581 section 4).
 */
export function responseHop(response: string): Hop {
  const via = /\r\nVia: ([^\r]+)/.exec(response)?.[1] ?? '';
  const parameter = (name: string): string | undefined => new RegExp(`;${name}=([^;,\\s]+)`).exec(via)?.[1];
  return { host: withoutBrackets(parameter('received') ?? ''), port: Number(parameter('rport')) };
}

/** Host and port as they stand in a URI or Via: IPv6 in brackets. */
export function hostPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
