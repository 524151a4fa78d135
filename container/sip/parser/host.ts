import { isIPv4, isIPv6 } from 'node:net';
import { HOST_NAME, digits, isAll } from './characters.js';
import { SipParseError } from './error.js';

export type HostType = 'domain' | 'IPv4' | 'IPv6';

export interface HostPort {
  /** As written; an IPv6 address with its brackets. */
  readonly host: string;
  readonly hostType: HostType;
  readonly port: number | undefined;
}

const OPENING_BRACKET = 0x5b;
const LONGEST_HOST_NAME = 255;
const LONGEST_IPV6_REFERENCE = 47;

/**
 * Reads `hostport` (RFC 3261 section 25.1) from the whole range.
 * @throws SipParseError where it is none, or the port is not from 1 to 65535
 */
export function parseHostPort(text: string, start: number, end: number): HostPort {
  const bracketed = text.charCodeAt(start) === OPENING_BRACKET;
  const colonFrom = bracketed ? text.indexOf(']', start) : start;
  const colon = colonFrom === -1 ? -1 : text.indexOf(':', colonFrom);
  if (colon === -1 || colon >= end) {
    const host = text.slice(start, end);
    return { host, hostType: hostType(host), port: undefined };
  }
  const host = text.slice(start, colon);
  const port = digits(text, colon + 1, end);
  if (port === undefined || port < 1 || port > 65535) throw new SipParseError('Bad Port', 400);
  return { host, hostType: hostType(host), port };
}

/**
 * Which of the three kinds of `host` the text is.
 * @throws SipParseError where it is none of them
 */
export function hostType(host: string): HostType {
  if (host.charCodeAt(0) === OPENING_BRACKET) {
    if (host.length <= LONGEST_IPV6_REFERENCE && host.endsWith(']') && !host.includes('%')) {
      if (isIPv6(host.slice(1, -1))) return 'IPv6';
    }
    throw new SipParseError('Bad IPv6 Address', 400);
  }
  if (host.length > LONGEST_HOST_NAME || !isAll(host, 0, host.length, HOST_NAME)) {
    throw new SipParseError('Bad Host', 400);
  }
  return nameOrIPv4(host);
}

/** A name whose last label is a number could only be meant as an IPv4 address. */
function nameOrIPv4(host: string): HostType {
  const end = host.endsWith('.') ? host.length - 1 : host.length;
  if (end === 0 || host.startsWith('.') || host.includes('..')) throw new SipParseError('Bad Host', 400);
  const lastLabel = host.lastIndexOf('.', end - 1) + 1;
  if (digits(host, lastLabel, end) === undefined) return 'domain';
  if (!isIPv4(host)) throw new SipParseError('Bad IPv4 Address', 400);
  return 'IPv4';
}
