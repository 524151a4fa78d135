import type { NameAddrHeader } from 'sip.js/lib/core/index.js';
import {
  COMMA,
  DISPLAY_NAME,
  LESS,
  QUESTION_MARK,
  QUOTE,
  TOKEN,
  isAll,
  skipSpace,
  spanEnd,
  trimmedEnd,
} from './characters.js';
import { SipParseError } from './error.js';
import { closingBracket } from './list.js';
import { parseParameters, quotedEnd } from './parameters.js';
import { ReceivedAddress } from './received-address.js';
import { NO_PARAMETERS } from './received-uri.js';
import type { UriParameters } from './received-uri.js';
import { checkUri } from './uri.js';

const ONLY_TAG = ';tag=';

/**
 * Parses one `( name-addr / addr-spec ) *( SEMI generic-param )`, the value of From, To, Contact, Route, Refer-To and
 * others (RFC 3261 section 20.10). As in sip.js, the display name keeps its escapes and loses its quotes. Without `<>`
 * all after the first semicolon belongs to the header, not to the URI, and a question mark or a comma is refused.
 * @throws SipParseError where the text is none, or holds more than one
 */
export function parseNameAddr(text: string): NameAddrHeader {
  const end = text.length;
  const start = skipSpace(text, 0, end);
  if (text.charCodeAt(start) === QUOTE) {
    const nameEnd = quotedEnd(text, start, end);
    const bracket = skipSpace(text, nameEnd, end);
    if (text.charCodeAt(bracket) !== LESS) throw new SipParseError('Bad Name Address', 400);
    return bracketed(text, text.slice(start + 1, nameEnd - 1), bracket);
  }
  const bracket = displayNameEnd(text, start, end);
  if (bracket < end && text.charCodeAt(bracket) === LESS) {
    return bracketed(text, text.slice(start, trimmedEnd(text, start, bracket)), bracket);
  }
  return bare(text, start, end);
}

/** Unquoted names with letters beyond ASCII are no tokens, but phones send them. */
function displayNameEnd(text: string, start: number, end: number): number {
  let position = spanEnd(text, start, end, DISPLAY_NAME);
  while (position < end && text.charCodeAt(position) > 0x9f) {
    position = spanEnd(text, position + 1, end, DISPLAY_NAME);
  }
  return position;
}

function bracketed(text: string, displayName: string, bracket: number): ReceivedAddress {
  const closing = closingBracket(text, bracket);
  return address(text, displayName, bracket + 1, closing, closing + 1);
}

function bare(text: string, start: number, end: number): ReceivedAddress {
  const semicolon = text.indexOf(';', start);
  const parametersStart = semicolon === -1 ? end : semicolon;
  const uriEnd = trimmedEnd(text, start, parametersStart);
  for (let position = start; position < uriEnd; position += 1) {
    const code = text.charCodeAt(position);
    if (code === QUESTION_MARK || code === COMMA) throw new SipParseError('URI Without Angle Brackets', 400);
  }
  return address(text, '', start, uriEnd, parametersStart);
}

function address(
  text: string,
  displayName: string,
  uriStart: number,
  uriEnd: number,
  parametersStart: number,
): ReceivedAddress {
  checkUri(text, uriStart, uriEnd);
  return new ReceivedAddress(displayName, text, uriStart, uriEnd, parameters(text, parametersStart));
}

/** Most addresses have a tag and nothing else, or nothing at all. */
function parameters(text: string, start: number): UriParameters {
  const end = text.length;
  if (start === end) return NO_PARAMETERS;
  const valueStart = start + ONLY_TAG.length;
  const isOnlyTag = text.startsWith(ONLY_TAG, start) && isAll(text, valueStart, end, TOKEN);
  return isOnlyTag ? { tag: text.slice(valueStart) } : parseParameters(text, start, null);
}
