import { isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/**
 * The address of a socket's other end; an IPv4 address even if a dual-stack socket shows it as an IPv6 one (RFC 4291 section 2.5.5.2).
 */
export function plainAddress(remoteAddress: string): string {
  return MAPPED_IPV4.exec(remoteAddress)?.[1] ?? remoteAddress;
}

/** The unit in which clients are counted: an IPv4 address, or the /64 from which an IPv6 client chooses its addresses. */
export function clientKey(remoteAddress: string): string {
  const address = plainAddress(remoteAddress);
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const prefix = [...left, ...zeros, ...right].slice(0, 4);
  return `${prefix.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
