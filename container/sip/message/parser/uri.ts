import type { Uri } from '../uri.js';
import { AMPERSAND, EQUAL, QUESTION_MARK, SEMICOLON, URI_TEXT } from './characters.js';
import { SipParseError } from './error.js';
import { canonicalUriHeader } from './header-names.js';
import { hostEnd, hostType, portAfter, portEnd } from './host.js';
import { Names } from './name-table.js';
import { OtherUri } from './other-uri.js';
import { parameterName } from './parameters.js';
import type { Scanner } from './scanner.js';
import { NO_HEADERS, NO_PARAMETERS, ReceivedUri } from './received-uri.js';
import type { UriHeaders, UriParameters } from './received-uri.js';

const SCHEMES = new Names('sip', 'sips');

/**
 * Checks what is used of a received URI: scheme, host and port. The rest goes back unchanged, and only needs to be safe in a request line
 * and a quoted string: phones and gateways send `sip:*#72@…`. Makes no object, because most URIs are never used.
 * @throws SipParseError if no request could be sent to it
 */
export function checkAddressUri(scanner: Scanner, start: number, end: number): void {
  const colon = scanner.find(':', start, end);
  if (colon <= start || !scanner.isAll(start, end, URI_TEXT)) throw new SipParseError('Bad URI', 400);
  if (sipScheme(scanner, start, colon) === undefined) checkOtherUri(scanner, start, colon, end);
  else checkHostAndPort(scanner, afterUser(scanner, colon + 1, end), end);
}

/**
 * Reads the URI in a range, with the same checks.
 * @throws SipParseError as above
 */
export function readUri(scanner: Scanner, start: number, end: number): Uri {
  checkAddressUri(scanner, start, end);
  return cutUri(scanner, start, end);
}

/** The URI in a range that was checked before. */
export function cutUri(scanner: Scanner, start: number, end: number): Uri {
  const colon = scanner.find(':', start, end);
  const scheme = sipScheme(scanner, start, colon);
  if (scheme !== undefined) return cutSipUri(scanner, scheme, colon + 1, end);
  const opaque = scanner.cut(colon + 1, end);
  const other = scanner.cut(start, colon);
  // The number of a `tel:` URI stands before the parameters (RFC 3966). Other schemes are opaque.
  const user = other.toLowerCase() === 'tel' ? scanner.cut(colon + 1, firstOf(scanner, colon + 1, end)) : undefined;
  return new OtherUri(other, opaque, user);
}

/** In lower case; undefined if it is another scheme. */
export function sipScheme(scanner: Scanner, start: number, colon: number): string | undefined {
  const known = SCHEMES.find(scanner, start, colon);
  if (known !== undefined || colon - start > 4) return known;
  const scheme = scanner.cut(start, colon).toLowerCase();
  return scheme === 'sip' || scheme === 'sips' ? scheme : undefined;
}

/** @returns where the parameters or headers begin */
export function checkHostAndPort(scanner: Scanner, start: number, end: number): number {
  const colon = hostEnd(scanner, start, end);
  hostType(scanner, start, colon);
  const portStop = portEnd(scanner, colon, end);
  portAfter(scanner, colon, portStop);
  if (portStop < end && !endsUriPart(scanner.codeAt(portStop))) throw new SipParseError('Bad Host', 400);
  return portStop;
}

function cutSipUri(scanner: Scanner, scheme: string, start: number, end: number): ReceivedUri {
  const hostStart = afterUser(scanner, start, end);
  const colon = hostEnd(scanner, hostStart, end);
  const parametersStart = portEnd(scanner, colon, end);
  const headersStart = endOfPart(scanner, QUESTION_MARK, parametersStart, end);
  const userText = hostStart === start ? undefined : scanner.cut(start, hostStart - 1);
  return new ReceivedUri(
    scheme,
    userText,
    userText === undefined ? undefined : (decoded(userText) ?? userText),
    scanner.cut(hostStart, colon),
    portAfter(scanner, colon, parametersStart),
    parametersStart === headersStart ? NO_PARAMETERS : uriParameters(scanner, parametersStart + 1, headersStart),
    headersStart === end ? NO_HEADERS : uriHeaders(scanner, headersStart + 1, end),
  );
}

/** Neither host, parameters nor headers may contain an unescaped `@`, so the first one ends the user. */
export function afterUser(scanner: Scanner, start: number, end: number): number {
  const at = scanner.find('@', start, end);
  return at === -1 ? start : at + 1;
}

/** Undefined if escaped octets are not UTF-8: no code that shows or compares the user could handle them. */
export function decoded(user: string): string | undefined {
  if (!user.includes('%')) return user;
  try {
    return decodeURIComponent(user);
  } catch {
    return undefined;
  }
}

/** Of parameters with the same name, the first counts. */
function uriParameters(scanner: Scanner, start: number, end: number): UriParameters {
  const map: UriParameters = {};
  for (let position = start; position < end;) {
    const partEnd = endOfPart(scanner, SEMICOLON, position, end);
    const equal = endOfPart(scanner, EQUAL, position, partEnd);
    const name = parameterName(scanner, position, equal);
    const value = equal + 1 < partEnd ? scanner.cut(equal + 1, partEnd) : null;
    if (!Object.hasOwn(map, name) && isKeepable(name)) map[name] = canonicalValue(name, value);
    position = partEnd + 1;
  }
  return map;
}

export function canonicalValue(name: string, value: string | null): string | null {
  if (name === 'lr') return null;
  return name === 'transport' || name === 'user' ? (value?.toLowerCase() ?? null) : value;
}

function uriHeaders(scanner: Scanner, start: number, end: number): UriHeaders {
  const headers: UriHeaders = {};
  for (let position = start; position < end;) {
    const partEnd = endOfPart(scanner, AMPERSAND, position, end);
    const equal = endOfPart(scanner, EQUAL, position, partEnd);
    const name = canonicalUriHeader(scanner.cut(position, equal));
    if (name !== '') (headers[name] ??= []).push(scanner.cut(Math.min(equal + 1, partEnd), partEnd));
    position = partEnd + 1;
  }
  return headers;
}

/** An assignment to `__proto__` would set the prototype of the map instead of an entry. */
function isKeepable(name: string): boolean {
  return name !== '' && name !== '__proto__';
}

/** @throws SipParseError if it is only a scheme, or does not begin with one */
export function checkOtherUri(scanner: Scanner, start: number, colon: number, end: number): void {
  const scheme = scanner.cut(start, colon);
  if (!isScheme(scheme) || colon + 1 === end) throw new SipParseError('Bad URI', 400);
  const hasNumber = firstOf(scanner, colon + 1, end) > colon + 1;
  if (!hasNumber && scheme.toLowerCase() === 'tel') throw new SipParseError('Bad Telephone Number', 400);
}

function isScheme(scheme: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme);
}

/** Position of the first semicolon or question mark, or the end. */
function firstOf(scanner: Scanner, start: number, end: number): number {
  let position = start;
  while (position < end && !endsUriPart(scanner.codeAt(position))) position += 1;
  return position;
}

function endsUriPart(code: number): boolean {
  return code === SEMICOLON || code === QUESTION_MARK;
}

/** Position of the character in the range, or the end. Looks no further, unlike `find`. */
export function endOfPart(scanner: Scanner, code: number, start: number, end: number): number {
  let position = start;
  while (position < end && scanner.codeAt(position) !== code) position += 1;
  return position;
}
