import { isIPv6 } from 'node:net';
import { COLON, DIGIT, DOT, HOST_NAME, OPENING_BRACKET, ZERO } from './characters.js';
import { SipParseError } from './error.js';
import type { Scanner } from './scanner.js';

export type HostType = 'domain' | 'IPv4' | 'IPv6';

const LONGEST_HOST_NAME = 255;
const LONGEST_IPV6_REFERENCE = 47;

/**
 * Position where what could be a host ends, an IPv6 address with its brackets.
 * @throws SipParseError if a bracket is not closed
 */
export function hostEnd(scanner: Scanner, start: number, end: number): number {
  if (scanner.codeAt(start) !== OPENING_BRACKET) return scanner.spanEnd(start, end, HOST_NAME);
  const bracket = scanner.find(']', start, end);
  if (bracket === -1) throw new SipParseError('Bad IPv6 Address', 400);
  return bracket + 1;
}

/** Position where the port ends that follows the host; `start` where no colon stands there. */
export function portEnd(scanner: Scanner, start: number, end: number): number {
  return start < end && scanner.codeAt(start) === COLON ? scanner.spanEnd(start + 1, end, DIGIT) : start;
}

/**
 * The port between a colon and the end; undefined if both are the same position, as `portEnd` has it.
 * @throws SipParseError if it is not from 1 to 65535
 */
export function portAfter(scanner: Scanner, colon: number, end: number): number | undefined {
  return colon === end ? undefined : portOf(scanner, colon + 1, end);
}

/** @throws SipParseError if the range is no number from 1 to 65535 */
export function portOf(scanner: Scanner, start: number, end: number): number {
  const port = scanner.digits(start, end);
  if (port === undefined || port < 1 || port > 65535) throw new SipParseError('Bad Port', 400);
  return port;
}

/**
 * Which of the three kinds of `host` the range is; an IPv6 address has its brackets.
 * @throws SipParseError if it is not one of them
 */
export function hostType(scanner: Scanner, start: number, end: number): HostType {
  if (scanner.codeAt(start) === OPENING_BRACKET) {
    if (isIPv6Reference(scanner.cut(start, end))) return 'IPv6';
    throw new SipParseError('Bad IPv6 Address', 400);
  }
  if (isIPv4(scanner, start, end)) return 'IPv4';
  const isName =
    end - start <= LONGEST_HOST_NAME && scanner.isAll(start, end, HOST_NAME) && !hasEmptyLabel(scanner, start, end);
  if (!isName) throw new SipParseError('Bad Host', 400);
  return 'domain';
}

function isIPv6Reference(host: string): boolean {
  if (host.length > LONGEST_IPV6_REFERENCE || !host.endsWith(']') || host.includes('%')) return false;
  return isIPv6(host.slice(1, -1));
}

function hasEmptyLabel(scanner: Scanner, start: number, end: number): boolean {
  let label = start;
  for (let position = start; position < end; position += 1) {
    if (scanner.codeAt(position) !== DOT) continue;
    if (position === label) return true;
    label = position + 1;
  }
  return false;
}

/** Four numbers up to 255, without leading zeroes. */
function isIPv4(scanner: Scanner, start: number, end: number): boolean {
  let dots = 0;
  let octet: number | undefined;
  for (let position = start; position < end; position += 1) {
    const code = scanner.codeAt(position);
    if (code === DOT) {
      if (octet === undefined) return false;
      dots += 1;
      octet = undefined;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || octet === 0) return false;
    octet = (octet ?? 0) * 10 + digit;
    if (octet > 255) return false;
  }
  return dots === 3 && octet !== undefined;
}
