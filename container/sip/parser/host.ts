import { isIPv6 } from 'node:net';
import { HOST_NAME, digits, isAll } from './characters.js';
import { SipParseError } from './error.js';

export type HostType = 'domain' | 'IPv4' | 'IPv6';

const DOT = 0x2e;
const OPENING_BRACKET = 0x5b;
const LONGEST_HOST_NAME = 255;
const LONGEST_IPV6_REFERENCE = 47;

/** Position of the colon that ends the host of `hostport` (RFC 3261 section 25.1); `end` where no port follows. */
export function hostEnd(text: string, start: number, end: number): number {
  const from = text.charCodeAt(start) === OPENING_BRACKET ? text.indexOf(']', start) : start;
  const colon = from === -1 ? -1 : text.indexOf(':', from);
  return colon === -1 || colon >= end ? end : colon;
}

/**
 * The port between the colon and the end; undefined where both are the same position, as `hostEnd` has it.
 * @throws SipParseError where it is not from 1 to 65535
 */
export function portAfter(text: string, colon: number, end: number): number | undefined {
  if (colon === end) return undefined;
  const port = digits(text, colon + 1, end);
  if (port === undefined || port < 1 || port > 65535) throw new SipParseError('Bad Port', 400);
  return port;
}

/**
 * Which of the three kinds of `host` the range is; an IPv6 address has its brackets.
 * @throws SipParseError where it is none of them
 */
export function hostType(text: string, start: number, end: number): HostType {
  if (text.charCodeAt(start) === OPENING_BRACKET) {
    if (isIPv6Reference(text.slice(start, end))) return 'IPv6';
    throw new SipParseError('Bad IPv6 Address', 400);
  }
  if (isIPv4(text, start, end)) return 'IPv4';
  if (end - start > LONGEST_HOST_NAME || !isAll(text, start, end, HOST_NAME)) throw new SipParseError('Bad Host', 400);
  checkName(text, start, end);
  return 'domain';
}

function isIPv6Reference(host: string): boolean {
  if (host.length > LONGEST_IPV6_REFERENCE || !host.endsWith(']') || host.includes('%')) return false;
  return isIPv6(host.slice(1, -1));
}

/** No label is empty, and the last is no number: what ends with one could only be meant as an IPv4 address. */
function checkName(text: string, start: number, end: number): void {
  let label = start;
  let lastLabel = start;
  for (let position = start; position < end; position += 1) {
    if (text.charCodeAt(position) !== DOT) continue;
    if (position === label) throw new SipParseError('Bad Host', 400);
    lastLabel = label;
    label = position + 1;
  }
  const isNumber = label === end ? digits(text, lastLabel, end - 1) : digits(text, label, end);
  if (isNumber !== undefined) throw new SipParseError('Bad IPv4 Address', 400);
}

/** Four numbers up to 255, without leading zeroes. */
function isIPv4(text: string, start: number, end: number): boolean {
  let dots = 0;
  let octet: number | undefined;
  for (let position = start; position < end; position += 1) {
    const code = text.charCodeAt(position);
    if (code === DOT) {
      if (octet === undefined) return false;
      dots += 1;
      octet = undefined;
      continue;
    }
    const digit = code - 0x30;
    if (digit < 0 || digit > 9 || octet === 0) return false;
    octet = (octet ?? 0) * 10 + digit;
    if (octet > 255) return false;
  }
  return dots === 3 && octet !== undefined;
}
