import type { URI } from 'sip.js/lib/core/index.js';
import {
  EQUAL,
  PASSWORD,
  QUESTION_MARK,
  SEMICOLON,
  URIC,
  URI_HEADER,
  URI_PARAMETER,
  USER,
  escapesAreWhole,
  isAll,
  spanEnd,
} from './characters.js';
import { SipParseError } from './error.js';
import { canonicalUriHeader } from './header-names.js';
import { hostEnd, hostType, portAfter } from './host.js';
import { namesOf } from './name-table.js';
import { OtherUri } from './other-uri.js';
import { frequentParameter, keep, parameterName } from './parameters.js';
import { NO_HEADERS, NO_PARAMETERS, ReceivedUri } from './received-uri.js';
import type { UriHeaders, UriParameters } from './received-uri.js';

const SCHEMES = namesOf('sip', 'sips');

/**
 * Parses a URI without `<>` around it (RFC 3261 section 19.1; of other schemes only the characters are checked). As in
 * sip.js, `user` has the password in it and is decoded, `lr` has no value, parameter names and the values of
 * `transport` and `user` are in lower case.
 * @throws SipParseError where it is none
 */
export function parseUri(text: string): URI {
  checkUri(text, 0, text.length);
  return cutUri(text, 0, text.length);
}

/**
 * Checks a range of a text as parseUri does, and makes nothing from it: most URIs that come in are never looked at.
 * @throws SipParseError where it is no URI
 */
export function checkUri(text: string, start: number, end: number): void {
  const colon = text.indexOf(':', start);
  if (colon <= start || colon >= end) throw new SipParseError('Bad URI', 400);
  if (!escapesAreWhole(text, colon, end)) throw new SipParseError('Bad Escape In URI', 400);
  if (sipScheme(text, start, colon) !== undefined) checkSipUri(text, colon + 1, end);
  else checkOtherUri(text, start, colon, end);
}

/** The URI in a range of a text that checkUri has found good. */
export function cutUri(text: string, start: number, end: number): URI {
  const colon = text.indexOf(':', start);
  const scheme = sipScheme(text, start, colon);
  if (scheme !== undefined) return cutSipUri(text, scheme, colon + 1, end);
  const opaque = text.slice(colon + 1, end);
  const other = text.slice(start, colon);
  // `tel:` has its number in front of the parameters (RFC 3966); nothing of another scheme is looked into.
  const user = other.toLowerCase() === 'tel' ? opaque.slice(0, firstOf(opaque, 0, opaque.length)) : undefined;
  return new OtherUri(other, opaque, user);
}

/** In lower case; undefined where it is another one. */
function sipScheme(text: string, start: number, colon: number): string | undefined {
  const known = SCHEMES.find(text, start, colon);
  if (known !== undefined || colon - start > 4) return known;
  const scheme = text.slice(start, colon).toLowerCase();
  return SCHEMES.find(scheme, 0, scheme.length);
}

function checkSipUri(text: string, start: number, end: number): void {
  const hostStart = afterUser(text, start, end);
  if (hostStart > start) checkUser(text, start, hostStart - 1);
  const parametersStart = firstOf(text, hostStart, end);
  const colon = hostEnd(text, hostStart, parametersStart);
  portAfter(text, colon, parametersStart);
  hostType(text, hostStart, colon);
  if (parametersStart === end) return;
  const headersStart = questionMark(text, parametersStart, end);
  checkUriParameters(text, parametersStart, headersStart);
  if (headersStart < end) parseUriHeaders(text, headersStart + 1, end);
}

function cutSipUri(text: string, scheme: string, start: number, end: number): ReceivedUri {
  const hostStart = afterUser(text, start, end);
  const parametersStart = firstOf(text, hostStart, end);
  const headersStart = questionMark(text, parametersStart, end);
  const colon = hostEnd(text, hostStart, parametersStart);
  const userText = hostStart === start ? undefined : text.slice(start, hostStart - 1);
  return new ReceivedUri(
    scheme,
    userText,
    userText === undefined ? undefined : decode(userText),
    text.slice(hostStart, colon),
    portAfter(text, colon, parametersStart),
    parametersStart === headersStart ? NO_PARAMETERS : parseUriParameters(text, parametersStart, headersStart),
    headersStart === end ? NO_HEADERS : parseUriHeaders(text, headersStart + 1, end),
  );
}

/** Neither host, parameters nor headers may contain an unescaped `@`, so the first one ends the user. */
function afterUser(text: string, start: number, end: number): number {
  const at = text.indexOf('@', start);
  return at === -1 || at >= end ? start : at + 1;
}

function checkUser(text: string, start: number, at: number): void {
  const userEnd = spanEnd(text, start, at, USER);
  const passwordIsGood = userEnd === at || (text[userEnd] === ':' && spanEnd(text, userEnd + 1, at, PASSWORD) === at);
  if (userEnd === start || !passwordIsGood) throw new SipParseError('Bad User In URI', 400);
  const escape = text.indexOf('%', start);
  if (escape !== -1 && escape < at) decode(text.slice(start, at));
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

function checkUriParameters(text: string, start: number, end: number): void {
  if (!isOneFrequentParameter(text, start, end)) parseUriParameters(text, start, end);
}

/** One alone contradicts nothing. */
function isOneFrequentParameter(text: string, start: number, end: number): boolean {
  const nameEnd = spanEnd(text, start + 1, end, URI_PARAMETER);
  if (frequentParameter(text, start + 1, nameEnd) === undefined) return false;
  return nameEnd === end || (text.charCodeAt(nameEnd) === EQUAL && isAll(text, nameEnd + 1, end, URI_PARAMETER));
}

function parseUriParameters(text: string, start: number, end: number): UriParameters {
  const map: UriParameters = {};
  let position = start;
  while (position < end) {
    const nameEnd = spanEnd(text, position + 1, end, URI_PARAMETER);
    if (nameEnd === position + 1) throw new SipParseError('Bad URI Parameter', 400);
    const name = parameterName(text, position + 1, nameEnd);
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

function parseUriHeaders(text: string, start: number, end: number): UriHeaders {
  const headers: UriHeaders = {};
  for (const header of text.slice(start, end).split('&')) {
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

function checkOtherUri(text: string, start: number, colon: number, end: number): void {
  const isGood = isScheme(text.slice(start, colon)) && isAll(text, colon + 1, end, URIC);
  if (!isGood) throw new SipParseError('Bad URI', 400);
  const hasNumber = firstOf(text, colon + 1, end) > colon + 1;
  if (!hasNumber && text.slice(start, colon).toLowerCase() === 'tel') {
    throw new SipParseError('Bad Telephone Number', 400);
  }
}

function isScheme(scheme: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme);
}

/** Position of the first semicolon or question mark, or the end. */
function firstOf(text: string, start: number, end: number): number {
  let position = start;
  while (position < end) {
    const code = text.charCodeAt(position);
    if (code === SEMICOLON || code === QUESTION_MARK) break;
    position += 1;
  }
  return position;
}

function questionMark(text: string, start: number, end: number): number {
  const position = start === end ? -1 : text.indexOf('?', start);
  return position === -1 || position > end ? end : position;
}
