import { COMMA, DISPLAY_NAME, LESS, QUESTION_MARK, QUOTE, TOKEN } from './characters.js';
import { SipParseError } from './error.js';
import { closingBracket, quotedEnd } from './list.js';
import { Names } from './name-table.js';
import { parameterMap } from './parameters.js';
import { codeAt, cut, find, isAll, reading, skipSpace, spanEnd, trimmedEnd } from './reading.js';
import { Address } from './address.js';
import { NO_PARAMETERS } from './received-uri.js';
import type { UriParameters } from './received-uri.js';
import { checkAddressUri } from './uri.js';

const ONLY_TAG = new Names(';tag=');
const TAG_START = ';tag='.length;

/**
 * Parses one `( name-addr / addr-spec ) *( SEMI generic-param )`, the value of From, To, Contact, Route, Refer-To and
 * others (RFC 3261 section 20.10). The display name keeps its escapes and loses its quotes. Without `<>`
 * all after the first semicolon belongs to the header, not to the URI, and a question mark or a comma is refused.
 * @throws SipParseError where the text is none, or holds more than one
 */
export function parseNameAddr(text: string): Address {
  return reading(text, readNameAddr);
}

/** The same for a range of the text that is being read. */
export function readNameAddr(from: number, end: number): Address {
  const start = skipSpace(from, end);
  const bracket = displayNameEnd(start, end);
  return bracket < end && codeAt(bracket) === LESS
    ? bracketed(displayName(start, trimmedEnd(start, bracket)), bracket, end)
    : bare(start, end);
}

/** Quoted or not, or both: `""unknown"" <sip:…>` comes from phones. */
function displayNameEnd(start: number, end: number): number {
  let position = spanEnd(start, end, DISPLAY_NAME);
  while (position < end && codeAt(position) === QUOTE) {
    position = spanEnd(quotedEnd(position, end), end, DISPLAY_NAME);
  }
  return position;
}

/** Without its quotes. */
function displayName(start: number, end: number): string {
  const quote = find('"', start, end);
  if (quote === -1) return cut(start, end);
  const isQuoted = quote === start && quotedEnd(start, end) === end;
  return isQuoted ? cut(start + 1, end - 1) : cut(start, end).replaceAll('"', '');
}

function bracketed(name: string, bracket: number, end: number): Address {
  const closing = closingBracket(bracket, end);
  return address(name, bracket + 1, closing, closing + 1, end);
}

function bare(start: number, end: number): Address {
  const semicolon = find(';', start, end);
  const parametersStart = semicolon === -1 ? end : semicolon;
  const uriEnd = trimmedEnd(start, parametersStart);
  for (let position = start; position < uriEnd; position += 1) {
    const code = codeAt(position);
    if (code === QUESTION_MARK || code === COMMA) throw new SipParseError('URI Without Angle Brackets', 400);
  }
  return address('', start, uriEnd, parametersStart, end);
}

function address(name: string, uriStart: number, uriEnd: number, parametersStart: number, end: number): Address {
  checkAddressUri(uriStart, uriEnd);
  return new Address(name, cut(uriStart, uriEnd), parameters(parametersStart, end));
}

/** Most addresses have a tag and nothing else, or nothing at all. */
function parameters(start: number, end: number): UriParameters {
  if (start === end) return NO_PARAMETERS;
  const valueStart = start + TAG_START;
  const isOnlyTag = ONLY_TAG.find(start, valueStart) !== undefined && isAll(valueStart, end, TOKEN);
  return isOnlyTag ? { tag: cut(valueStart, end) } : parameterMap(start, end, null);
}
