import { NameAddrHeader } from 'sip.js/lib/core/index.js';
import { DISPLAY_NAME, LESS, QUOTE, skipSpace, spanEnd } from './characters.js';
import { SipParseError } from './error.js';
import { closingBracket } from './list.js';
import { parseParameters, quotedEnd } from './parameters.js';
import { parseUri } from './uri.js';

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
    return bracketed(text, text.slice(start, bracket).trimEnd(), bracket);
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

function bracketed(text: string, displayName: string, bracket: number): NameAddrHeader {
  const closing = closingBracket(text, bracket);
  const uri = parseUri(text.slice(bracket + 1, closing));
  return nameAddr(uri, displayName, text, closing + 1);
}

function bare(text: string, start: number, end: number): NameAddrHeader {
  let uriEnd = text.indexOf(';', start);
  if (uriEnd === -1) uriEnd = end;
  const uriText = text.slice(start, uriEnd).trimEnd();
  if (uriText.includes('?') || uriText.includes(',')) throw new SipParseError('URI Without Angle Brackets', 400);
  return nameAddr(parseUri(uriText), '', text, uriEnd);
}

function nameAddr(
  uri: NameAddrHeader['uri'],
  displayName: string,
  text: string,
  parametersStart: number,
): NameAddrHeader {
  const header = new NameAddrHeader(uri, displayName, {});
  header.parameters = parseParameters(text, parametersStart, null);
  return header;
}
