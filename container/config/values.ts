import { isIP, isIPv4 } from 'node:net';

// One label of a host name, RFC 3261 section 25.1: letters, digits and inner hyphens.
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const hostName = new RegExp(`^(?:${label}\\.)*${label}$`);
const allDigitsLabel = /(?:^|\.)\d+$/;

/** `user` of RFC 3261 section 25.1: unreserved, escaped and user-unreserved characters. */
const sipUser = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+$/;

const sipUri =
  /^sips?:(?:[^@\s<>"]+@)?([^@:;?\s<>"[\]]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(?:;[\w.!~*'()%+=[\]:&$/;-]*)?$/i;

/** An address that sockets can be bound to: no zone. */
export function isBindableAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** All addresses of a host: `0.0.0.0`, `::` and other spellings of them. */
export function isUnspecified(address: string): boolean {
  return /^(?:0+(?:\.0+){3}|[0:]+|::(?:0+\.){3}0+)$/.test(address);
}

/** The address at which a program on this host reaches a socket bound to `address`. */
export function reachable(address: string): string {
  if (!isUnspecified(address)) return address;
  return isIPv4(address) ? '127.0.0.1' : '::1';
}

/** An address to advertise: no zone, not `0.0.0.0` or `::`. */
export function isAdvertisedAddress(text: string): boolean {
  return isBindableAddress(text) && !isUnspecified(text);
}

/** A host name, or an IPv4 address where a domain has no name. */
export function isHostName(text: string): boolean {
  if (allDigitsLabel.test(text)) return isIPv4(text);
  return text.length <= 253 && hostName.test(text);
}

export function isSipUser(text: string): boolean {
  return text.length <= 128 && sipUser.test(text);
}

export function isSipUri(text: string): boolean {
  const match = sipUri.exec(text);
  const [, host = '', port = ''] = match ?? [];
  if (match === null || text.length > 512 || Number(port) > 65535) return false;
  return host.startsWith('[') ? isIP(host.slice(1, -1)) === 6 : isHostName(host);
}

/** A DNS server: `192.0.2.53`, `192.0.2.53:53`, `2001:db8::53` or `[2001:db8::53]:53`. */
export function isResolver(text: string): boolean {
  if (isIP(text) !== 0) return !text.includes('%');
  const [, inBrackets, address = inBrackets ?? '', port = ''] =
    /^(?:\[([^\]%]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  return isIP(address) === (inBrackets === undefined ? 4 : 6) && Number(port) > 0 && Number(port) <= 65535;
}

/** An LDAP server: `ldap://host[:port]` or `ldaps://host[:port]` and nothing else. */
export function isLdapUrl(text: string): boolean {
  if (!/^ldaps?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password, pathname, search, hash } = new URL(text);
  return hostname !== '' && username + password + search + hash === '' && (pathname === '' || pathname === '/');
}

export function isLdaps(url: string): boolean {
  return /^ldaps:/i.test(url);
}

/** An origin of web pages (RFC 6454): scheme, host and port, nothing else. */
export function isOrigin(text: string): boolean {
  return /^https?:\/\/[^/?#@\\\s]+$/i.test(text) && URL.canParse(text);
}

/** A network in CIDR notation, `10.0.0.0/8` or `fd00::/8`, or the address of one host. */
export function isNetwork(text: string): boolean {
  if (isIP(text) !== 0) return !text.includes('%');
  const [, address = '', prefix = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128);
}

/** A realm fits into a quoted string of a challenge as it is: no quotes, backslashes or control characters. */
export function isRealm(text: string): boolean {
  return text.length > 0 && text.length <= 255 && !/["\\\p{Cc}]/u.test(text);
}

export function isFilePath(text: string): boolean {
  return text.length > 0 && !text.includes('\0');
}

/** A name as it stands in a plugin's `package.json`, with or without a scope. It can stand in a path: neither part begins with a dot. */
export function isPluginName(text: string): boolean {
  return text.length <= 214 && /^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*$/.test(text);
}
