import type { Uri } from '../uri.js';
import {
  AMPERSAND,
  COLON,
  EQUAL,
  PASSWORD,
  QUESTION_MARK,
  SEMICOLON,
  URIC,
  URI_HEADER,
  URI_PARAMETER,
  USER,
} from './characters.js';
import { SipParseError } from './error.js';
import { keep, parameterName } from './parameters.js';
import { codeAt, cut, escapedSpanEnd, find, reading } from './reading.js';
import type { UriParameters } from './received-uri.js';
import {
  afterUser,
  canonicalValue,
  checkHostAndPort,
  checkOtherUri,
  cutUri,
  decoded,
  endOfPart,
  sipScheme,
} from './uri.js';

/**
 * Parses a URI that is to be sent, without `<>` around it (RFC 3261 section 19.1; of other schemes only the characters are checked). As in
 * sip.js, `user` has the password in it and is decoded, `lr` has no value, parameter names and the values of
 * `transport` and `user` are in lower case.
 * @throws SipParseError where it is none
 */
export function parseUri(text: string): Uri {
  return reading(text, (start, end) => {
    checkUri(start, end);
    return cutUri(start, end);
  });
}

function checkUri(start: number, end: number): void {
  const colon = find(':', start, end);
  if (colon <= start) throw new SipParseError('Bad URI', 400);
  if (sipScheme(start, colon) !== undefined) return checkSipUri(colon + 1, end);
  checkOtherUri(start, colon, end);
  if (escapedSpanEnd(colon + 1, end, URIC) !== end) throw new SipParseError('Bad URI', 400);
}

function checkSipUri(start: number, end: number): void {
  const hostStart = afterUser(start, end);
  if (hostStart > start) checkUser(start, hostStart - 1);
  const parametersStart = checkHostAndPort(hostStart, end);
  if (parametersStart === end) return;
  const headersStart = endOfPart(QUESTION_MARK, parametersStart, end);
  checkUriParameters(parametersStart, headersStart);
  if (headersStart < end) checkUriHeaders(headersStart + 1, end);
}

function checkUser(start: number, at: number): void {
  const userEnd = escapedSpanEnd(start, at, USER);
  const isGood = userEnd === at || (codeAt(userEnd) === COLON && escapedSpanEnd(userEnd + 1, at, PASSWORD) === at);
  if (userEnd === start || !isGood) throw new SipParseError('Bad User In URI', 400);
  const isDecodable = find('%', start, at) === -1 || decoded(cut(start, at)) !== undefined;
  if (!isDecodable) throw new SipParseError('Bad Escape In URI', 400);
}

function checkUriParameters(start: number, end: number): void {
  const map: UriParameters = {};
  let position = start;
  while (position < end) {
    const nameStart = position + 1;
    const nameEnd = escapedSpanEnd(nameStart, end, URI_PARAMETER);
    if (nameEnd === nameStart) throw new SipParseError('Bad URI Parameter', 400);
    position = nameEnd;
    let value: string | null = null;
    if (nameEnd < end && codeAt(nameEnd) === EQUAL) {
      position = escapedSpanEnd(nameEnd + 1, end, URI_PARAMETER);
      if (position === nameEnd + 1) throw new SipParseError('Bad URI Parameter', 400);
      value = cut(nameEnd + 1, position);
    }
    if (position < end && codeAt(position) !== SEMICOLON) throw new SipParseError('Bad URI Parameter', 400);
    const name = parameterName(nameStart, nameEnd);
    keep(map, name, canonicalValue(name, value));
  }
}

function checkUriHeaders(start: number, end: number): void {
  for (let position = start; position <= end;) {
    const equal = escapedSpanEnd(position, end, URI_HEADER);
    const isNamed = equal > position && equal < end && codeAt(equal) === EQUAL;
    const valueEnd = isNamed ? escapedSpanEnd(equal + 1, end, URI_HEADER) : equal;
    const isEnded = valueEnd === end || codeAt(valueEnd) === AMPERSAND;
    if (!isNamed || !isEnded) throw new SipParseError('Bad URI Header', 400);
    position = valueEnd + 1;
  }
}
