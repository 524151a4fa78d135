import { COMMA, DISPLAY_NAME, LESS, QUESTION_MARK, QUOTE, TOKEN } from './characters.js';
import { SipParseError } from './error.js';
import { closingBracket, quotedEnd } from './list.js';
import { Names } from './name-table.js';
import { parameterMap } from './parameters.js';
import { scan, type Scanner } from './scanner.js';
import { Address } from './address.js';
import { NO_PARAMETERS } from './received-uri.js';
import type { UriParameters } from './received-uri.js';
import { checkAddressUri } from './uri.js';

const ONLY_TAG = new Names(';tag=');
const TAG_START = ';tag='.length;

/**
 * Parses one `( name-addr / addr-spec ) *( SEMI generic-param )`, the value of From, To, Contact, Route, Refer-To and others (RFC 3261
 * section 20.10). The display name keeps its escapes and loses its quotes. Without `<>` all after the first semicolon belongs to the
 * header, not to the URI, and a question mark or a comma is refused.
 * @throws SipParseError if the text is not one address
 */
export function parseNameAddr(text: string): Address {
  return scan(text, readNameAddr);
}

/** The same, for a range of the text. */
export function readNameAddr(scanner: Scanner, from: number, end: number): Address {
  const start = scanner.skipSpace(from, end);
  const bracket = displayNameEnd(scanner, start, end);
  return bracket < end && scanner.codeAt(bracket) === LESS
    ? bracketed(scanner, displayName(scanner, start, scanner.trimmedEnd(start, bracket)), bracket, end)
    : bare(scanner, start, end);
}

/** Quoted or not, or both: `""unknown"" <sip:…>` comes from phones. */
function displayNameEnd(scanner: Scanner, start: number, end: number): number {
  let position = scanner.spanEnd(start, end, DISPLAY_NAME);
  while (position < end && scanner.codeAt(position) === QUOTE) {
    position = scanner.spanEnd(quotedEnd(scanner, position, end), end, DISPLAY_NAME);
  }
  return position;
}

/** Without its quotes. */
function displayName(scanner: Scanner, start: number, end: number): string {
  const quote = scanner.find('"', start, end);
  if (quote === -1) return scanner.cut(start, end);
  const isQuoted = quote === start && quotedEnd(scanner, start, end) === end;
  return isQuoted ? scanner.cut(start + 1, end - 1) : scanner.cut(start, end).replaceAll('"', '');
}

function bracketed(scanner: Scanner, name: string, bracket: number, end: number): Address {
  const closing = closingBracket(scanner, bracket, end);
  return address(scanner, name, bracket + 1, closing, closing + 1, end);
}

function bare(scanner: Scanner, start: number, end: number): Address {
  const semicolon = scanner.find(';', start, end);
  const parametersStart = semicolon === -1 ? end : semicolon;
  const uriEnd = scanner.trimmedEnd(start, parametersStart);
  for (let position = start; position < uriEnd; position += 1) {
    const code = scanner.codeAt(position);
    if (code === QUESTION_MARK || code === COMMA) throw new SipParseError('URI Without Angle Brackets', 400);
  }
  return address(scanner, '', start, uriEnd, parametersStart, end);
}

function address(
  scanner: Scanner,
  name: string,
  uriStart: number,
  uriEnd: number,
  parametersStart: number,
  end: number,
): Address {
  checkAddressUri(scanner, uriStart, uriEnd);
  return new Address(name, scanner.cut(uriStart, uriEnd), parameters(scanner, parametersStart, end));
}

/** Most addresses have a tag and nothing else, or nothing at all. */
function parameters(scanner: Scanner, start: number, end: number): UriParameters {
  if (start === end) return NO_PARAMETERS;
  const valueStart = start + TAG_START;
  const isOnlyTag = ONLY_TAG.find(scanner, start, valueStart) !== undefined && scanner.isAll(valueStart, end, TOKEN);
  return isOnlyTag ? { tag: scanner.cut(valueStart, end) } : parameterMap(scanner, start, end, null);
}
