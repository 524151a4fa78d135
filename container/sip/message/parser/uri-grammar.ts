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
import { scan, type Scanner } from './scanner.js';
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
 * Parses a URI that is to be sent, without `<>` around it (RFC 3261 section 19.1; of other schemes only the characters are checked). As
 * in sip.js, `user` has the password in it and is decoded, `lr` has no value, parameter names and the values of `transport` and `user`
 * are in lower case.
 * @throws SipParseError if it is not one
 */
export function parseUri(text: string): Uri {
  return scan(text, (scanner, start, end) => {
    checkUri(scanner, start, end);
    return cutUri(scanner, start, end);
  });
}

function checkUri(scanner: Scanner, start: number, end: number): void {
  const colon = scanner.find(':', start, end);
  if (colon <= start) throw new SipParseError('Bad URI', 400);
  if (sipScheme(scanner, start, colon) !== undefined) return checkSipUri(scanner, colon + 1, end);
  checkOtherUri(scanner, start, colon, end);
  if (scanner.escapedSpanEnd(colon + 1, end, URIC) !== end) throw new SipParseError('Bad URI', 400);
}

function checkSipUri(scanner: Scanner, start: number, end: number): void {
  const hostStart = afterUser(scanner, start, end);
  if (hostStart > start) checkUser(scanner, start, hostStart - 1);
  const parametersStart = checkHostAndPort(scanner, hostStart, end);
  if (parametersStart === end) return;
  const headersStart = endOfPart(scanner, QUESTION_MARK, parametersStart, end);
  checkUriParameters(scanner, parametersStart, headersStart);
  if (headersStart < end) checkUriHeaders(scanner, headersStart + 1, end);
}

function checkUser(scanner: Scanner, start: number, at: number): void {
  const userEnd = scanner.escapedSpanEnd(start, at, USER);
  const isGood =
    userEnd === at || (scanner.codeAt(userEnd) === COLON && scanner.escapedSpanEnd(userEnd + 1, at, PASSWORD) === at);
  if (userEnd === start || !isGood) throw new SipParseError('Bad User In URI', 400);
  const isDecodable = scanner.find('%', start, at) === -1 || decoded(scanner.cut(start, at)) !== undefined;
  if (!isDecodable) throw new SipParseError('Bad Escape In URI', 400);
}

function checkUriParameters(scanner: Scanner, start: number, end: number): void {
  const map: UriParameters = {};
  let position = start;
  while (position < end) {
    const nameStart = position + 1;
    const nameEnd = scanner.escapedSpanEnd(nameStart, end, URI_PARAMETER);
    if (nameEnd === nameStart) throw new SipParseError('Bad URI Parameter', 400);
    position = nameEnd;
    let value: string | null = null;
    if (nameEnd < end && scanner.codeAt(nameEnd) === EQUAL) {
      position = scanner.escapedSpanEnd(nameEnd + 1, end, URI_PARAMETER);
      if (position === nameEnd + 1) throw new SipParseError('Bad URI Parameter', 400);
      value = scanner.cut(nameEnd + 1, position);
    }
    if (position < end && scanner.codeAt(position) !== SEMICOLON) throw new SipParseError('Bad URI Parameter', 400);
    const name = parameterName(scanner, nameStart, nameEnd);
    keep(map, name, canonicalValue(name, value));
  }
}

function checkUriHeaders(scanner: Scanner, start: number, end: number): void {
  for (let position = start; position <= end;) {
    const equal = scanner.escapedSpanEnd(position, end, URI_HEADER);
    const isNamed = equal > position && equal < end && scanner.codeAt(equal) === EQUAL;
    const valueEnd = isNamed ? scanner.escapedSpanEnd(equal + 1, end, URI_HEADER) : equal;
    const isEnded = valueEnd === end || scanner.codeAt(valueEnd) === AMPERSAND;
    if (!isNamed || !isEnded) throw new SipParseError('Bad URI Header', 400);
    position = valueEnd + 1;
  }
}
