import { isIP } from 'node:net';

/** The port of a URI or Via that names none (RFC 3261 section 19.1.2). */
export function defaultPort(transport: string): number {
  return transport.toUpperCase() === 'TLS' ? 5061 : 5060;
}

/** Host and port as they stand in a URI or Via: IPv6 in brackets. */
export function hostPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

export function withoutBrackets(host: string): string {
  return host[0] === '[' && host.endsWith(']') ? host.slice(1, -1) : host;
}
