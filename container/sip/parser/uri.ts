import type { URI } from 'sip.js/lib/core/index.js';
import { PASSWORD, URIC, URI_HEADER, URI_PARAMETER, USER, escapesAreWhole, isAll, spanEnd } from './characters.js';
import { SipParseError } from './error.js';
import { canonicalUriHeader } from './header-names.js';
import { parseHostPort } from './host.js';
import { keep } from './parameters.js';
import type { ParameterMap } from './parameters.js';
import { OtherUri, ReceivedUri } from './received-uri.js';

/**
 * Parses a URI without `<>` around it (RFC 3261 section 19.1; of other schemes only the characters are checked). As in
 * sip.js, `user` has the password in it and is decoded, `lr` has no value, parameter names and the values of
 * `transport` and `user` are in lower case.
 * @throws SipParseError where it is none
 */
export function parseUri(text: string): URI {
  const colon = text.indexOf(':');
  if (colon < 1) throw new SipParseError('Bad URI', 400);
  const scheme = text.slice(0, colon);
  const lowerCase = scheme.toLowerCase();
  if (!escapesAreWhole(text, colon, text.length)) throw new SipParseError('Bad Escape In URI', 400);
  if (lowerCase === 'sip' || lowerCase === 'sips') return parseSipUri(text, scheme, colon + 1);
  return parseOtherUri(text, scheme, colon + 1);
}

function parseSipUri(text: string, scheme: string, start: number): ReceivedUri {
  // Neither host, parameters nor headers may contain an unescaped `@`, so the first one ends the user.
  const at = text.indexOf('@', start);
  const hostStart = at === -1 ? start : at + 1;
  const userText = at === -1 ? undefined : checkedUser(text, start, at);
  const parametersStart = firstOf(text, ';', '?', hostStart);
  const { host, port } = parseHostPort(text, hostStart, parametersStart);
  let headersStart = text.length;
  let parameters: ParameterMap<null> = {};
  if (parametersStart < text.length) {
    const question = text.indexOf('?', parametersStart);
    if (question !== -1) headersStart = question;
    parameters = parseUriParameters(text, parametersStart, headersStart);
  }
  const headers = headersStart < text.length ? parseUriHeaders(text, headersStart + 1) : {};
  const user = userText === undefined ? undefined : decode(userText);
  return new ReceivedUri(scheme, userText, user, host, port, parameters, headers);
}

function checkedUser(text: string, start: number, at: number): string {
  const userEnd = spanEnd(text, start, at, USER);
  const passwordIsGood = userEnd === at || (text[userEnd] === ':' && spanEnd(text, userEnd + 1, at, PASSWORD) === at);
  if (userEnd === start || !passwordIsGood) throw new SipParseError('Bad User In URI', 400);
  return text.slice(start, at);
}

/** Octets that are no UTF-8 are refused: nothing that shows or compares the user could handle them. */
function decode(user: string): string {
  if (!user.includes('%')) return user;
  try {
    return decodeURIComponent(user);
  } catch {
    throw new SipParseError('Bad Escape In URI', 400);
  }
}

function parseUriParameters(text: string, start: number, end: number): ParameterMap<null> {
  const map: ParameterMap<null> = {};
  let position = start;
  while (position < end) {
    const nameEnd = spanEnd(text, position + 1, end, URI_PARAMETER);
    if (nameEnd === position + 1) throw new SipParseError('Bad URI Parameter', 400);
    const name = text.slice(position + 1, nameEnd).toLowerCase();
    position = nameEnd;
    let value: string | null = null;
    if (text[nameEnd] === '=' && nameEnd < end) {
      position = spanEnd(text, nameEnd + 1, end, URI_PARAMETER);
      if (position === nameEnd + 1) throw new SipParseError('Bad URI Parameter', 400);
      value = text.slice(nameEnd + 1, position);
    }
    if (position < end && text[position] !== ';') throw new SipParseError('Bad URI Parameter', 400);
    keep(map, name, canonicalValue(name, value));
  }
  return map;
}

function canonicalValue(name: string, value: string | null): string | null {
  if (name === 'lr') return null;
  return name === 'transport' || name === 'user' ? (value?.toLowerCase() ?? null) : value;
}

function parseUriHeaders(text: string, start: number): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (const header of text.slice(start).split('&')) {
    const equal = header.indexOf('=');
    const bad = equal < 1 || !isAll(header, 0, equal, URI_HEADER);
    if (bad || spanEnd(header, equal + 1, header.length, URI_HEADER) !== header.length) {
      throw new SipParseError('Bad URI Header', 400);
    }
    const name = canonicalUriHeader(header.slice(0, equal));
    (headers[name] ??= []).push(header.slice(equal + 1));
  }
  return headers;
}

/** `tel:` has its number in front of the parameters (RFC 3966); nothing of another scheme is looked into. */
function parseOtherUri(text: string, scheme: string, start: number): OtherUri {
  if (!isScheme(scheme) || !isAll(text, start, text.length, URIC)) throw new SipParseError('Bad URI', 400);
  const opaque = text.slice(start);
  if (scheme.toLowerCase() !== 'tel') return new OtherUri(scheme, opaque, undefined);
  const number = opaque.slice(0, firstOf(opaque, ';', '?', 0));
  if (number === '') throw new SipParseError('Bad Telephone Number', 400);
  return new OtherUri(scheme, opaque, number);
}

function isScheme(scheme: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme);
}

/** Position of whichever of the two characters comes first, or the length of the text. */
function firstOf(text: string, one: string, other: string, start: number): number {
  const first = text.indexOf(one, start);
  const second = text.indexOf(other, start);
  if (first === -1) return second === -1 ? text.length : second;
  return second === -1 || first < second ? first : second;
}
