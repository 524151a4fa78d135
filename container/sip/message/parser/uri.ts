import type { URI } from 'sip.js/lib/core/index.js';
import {
  AMPERSAND,
  EQUAL,
  PASSWORD,
  QUESTION_MARK,
  SEMICOLON,
  COLON,
  URIC,
  URI_HEADER,
  URI_PARAMETER,
  USER,
} from './characters.js';
import { SipParseError } from './error.js';
import { canonicalUriHeader } from './header-names.js';
import { hostEnd, hostType, portAfter, portEnd } from './host.js';
import { Names } from './name-table.js';
import { OtherUri } from './other-uri.js';
import { frequentParameter, keep, parameterName } from './parameters.js';
import { codeAt, cut, escapedSpanEnd, find, reading } from './reading.js';
import { NO_HEADERS, NO_PARAMETERS, ReceivedUri } from './received-uri.js';
import type { UriHeaders, UriParameters } from './received-uri.js';

const SCHEMES = new Names('sip', 'sips');

/**
 * Parses a URI without `<>` around it (RFC 3261 section 19.1; of other schemes only the characters are checked). As in
 * sip.js, `user` has the password in it and is decoded, `lr` has no value, parameter names and the values of
 * `transport` and `user` are in lower case.
 * @throws SipParseError where it is none
 */
export function parseUri(text: string): URI {
  return reading(text, readUri);
}

/** The same for a range of the text that is being read. */
export function readUri(start: number, end: number): URI {
  checkUri(start, end);
  return cutUri(start, end);
}

/**
 * Checks a range as readUri does, and makes nothing from it: most URIs that come in are never looked at.
 * @throws SipParseError where it is no URI
 */
export function checkUri(start: number, end: number): void {
  const colon = find(':', start, end);
  if (colon <= start) throw new SipParseError('Bad URI', 400);
  if (sipScheme(start, colon) !== undefined) checkSipUri(colon + 1, end);
  else checkOtherUri(start, colon, end);
}

/** The URI in a range that checkUri has found good. */
export function cutUri(start: number, end: number): URI {
  const colon = find(':', start, end);
  const scheme = sipScheme(start, colon);
  if (scheme !== undefined) return cutSipUri(scheme, colon + 1, end);
  const opaque = cut(colon + 1, end);
  const other = cut(start, colon);
  // `tel:` has its number in front of the parameters (RFC 3966); nothing of another scheme is looked into.
  const user = other.toLowerCase() === 'tel' ? cut(colon + 1, firstOf(colon + 1, end)) : undefined;
  return new OtherUri(other, opaque, user);
}

/** In lower case; undefined where it is another one. */
function sipScheme(start: number, colon: number): string | undefined {
  const known = SCHEMES.find(start, colon);
  if (known !== undefined || colon - start > 4) return known;
  const scheme = cut(start, colon).toLowerCase();
  return scheme === 'sip' || scheme === 'sips' ? scheme : undefined;
}

function checkSipUri(start: number, end: number): void {
  const hostStart = afterUser(start, end);
  if (hostStart > start) checkUser(start, hostStart - 1);
  const colon = hostEnd(hostStart, end);
  hostType(hostStart, colon);
  const parametersStart = portEnd(colon, end);
  portAfter(colon, parametersStart);
  if (parametersStart === end) return;
  if (!endsUriPart(codeAt(parametersStart))) throw new SipParseError('Bad Host', 400);
  const headersStart = questionMark(parametersStart, end);
  checkUriParameters(parametersStart, headersStart);
  if (headersStart < end) uriHeaders(headersStart + 1, end);
}

function cutSipUri(scheme: string, start: number, end: number): ReceivedUri {
  const hostStart = afterUser(start, end);
  const colon = hostEnd(hostStart, end);
  const parametersStart = portEnd(colon, end);
  const headersStart = questionMark(parametersStart, end);
  const userText = hostStart === start ? undefined : cut(start, hostStart - 1);
  return new ReceivedUri(
    scheme,
    userText,
    userText === undefined ? undefined : decode(userText),
    cut(hostStart, colon),
    portAfter(colon, parametersStart),
    parametersStart === headersStart ? NO_PARAMETERS : uriParameters(parametersStart, headersStart),
    headersStart === end ? NO_HEADERS : uriHeaders(headersStart + 1, end),
  );
}

/** Neither host, parameters nor headers may contain an unescaped `@`, so the first one ends the user. */
function afterUser(start: number, end: number): number {
  const at = find('@', start, end);
  return at === -1 ? start : at + 1;
}

function checkUser(start: number, at: number): void {
  const userEnd = escapedSpanEnd(start, at, USER);
  const isGood = userEnd === at || (codeAt(userEnd) === COLON && escapedSpanEnd(userEnd + 1, at, PASSWORD) === at);
  if (userEnd === start || !isGood) throw new SipParseError('Bad User In URI', 400);
  if (find('%', start, at) !== -1) decode(cut(start, at));
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

function checkUriParameters(start: number, end: number): void {
  if (!isOneFrequentParameter(start, end)) uriParameters(start, end);
}

/** One alone contradicts nothing. */
function isOneFrequentParameter(start: number, end: number): boolean {
  const nameEnd = escapedSpanEnd(start + 1, end, URI_PARAMETER);
  if (frequentParameter(start + 1, nameEnd) === undefined) return false;
  if (nameEnd === end) return true;
  return codeAt(nameEnd) === EQUAL && nameEnd + 1 < end && escapedSpanEnd(nameEnd + 1, end, URI_PARAMETER) === end;
}

function uriParameters(start: number, end: number): UriParameters {
  const map: UriParameters = {};
  let position = start;
  while (position < end) {
    const nameEnd = escapedSpanEnd(position + 1, end, URI_PARAMETER);
    if (nameEnd === position + 1) throw new SipParseError('Bad URI Parameter', 400);
    const name = parameterName(position + 1, nameEnd);
    position = nameEnd;
    let value: string | null = null;
    if (nameEnd < end && codeAt(nameEnd) === EQUAL) {
      position = escapedSpanEnd(nameEnd + 1, end, URI_PARAMETER);
      if (position === nameEnd + 1) throw new SipParseError('Bad URI Parameter', 400);
      value = cut(nameEnd + 1, position);
    }
    if (position < end && codeAt(position) !== SEMICOLON) throw new SipParseError('Bad URI Parameter', 400);
    keep(map, name, canonicalValue(name, value));
  }
  return map;
}

function canonicalValue(name: string, value: string | null): string | null {
  if (name === 'lr') return null;
  return name === 'transport' || name === 'user' ? (value?.toLowerCase() ?? null) : value;
}

function uriHeaders(start: number, end: number): UriHeaders {
  const headers: UriHeaders = {};
  let position = start;
  while (position <= end) {
    const equal = escapedSpanEnd(position, end, URI_HEADER);
    const isNamed = equal > position && equal < end && codeAt(equal) === EQUAL;
    const valueEnd = isNamed ? escapedSpanEnd(equal + 1, end, URI_HEADER) : equal;
    const isEnded = valueEnd === end || codeAt(valueEnd) === AMPERSAND;
    if (!isNamed || !isEnded) throw new SipParseError('Bad URI Header', 400);
    (headers[canonicalUriHeader(cut(position, equal))] ??= []).push(cut(equal + 1, valueEnd));
    position = valueEnd + 1;
  }
  return headers;
}

function checkOtherUri(start: number, colon: number, end: number): void {
  const scheme = cut(start, colon);
  const isGood = isScheme(scheme) && colon + 1 < end && escapedSpanEnd(colon + 1, end, URIC) === end;
  if (!isGood) throw new SipParseError('Bad URI', 400);
  const hasNumber = firstOf(colon + 1, end) > colon + 1;
  if (!hasNumber && scheme.toLowerCase() === 'tel') throw new SipParseError('Bad Telephone Number', 400);
}

function isScheme(scheme: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme);
}

/** Position of the first semicolon or question mark, or the end. */
function firstOf(start: number, end: number): number {
  let position = start;
  while (position < end && !endsUriPart(codeAt(position))) position += 1;
  return position;
}

function endsUriPart(code: number): boolean {
  return code === SEMICOLON || code === QUESTION_MARK;
}

function questionMark(start: number, end: number): number {
  const position = start === end ? -1 : find('?', start, end);
  return position === -1 ? end : position;
}
