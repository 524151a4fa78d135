import { BACKSLASH, COMMA, LESS, QUOTE } from './characters.js';
import { SipParseError } from './error.js';
import { quotedEnd } from './parameters.js';

/**
 * Splits a header value at its commas, except those in quoted strings and in `<>` (RFC 3261 section 7.3.1), and trims
 * the parts. Two commas in a row give an empty part.
 * @throws SipParseError where a quoted string or a `<` is not closed
 */
export function splitList(text: string): string[] {
  if (!text.includes(',')) return [text.trim()];
  const parts: string[] = [];
  const end = text.length;
  let partStart = 0;
  let position = 0;
  while (position < end) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) position = quotedEnd(text, position, end);
    else if (code === LESS) position = closingBracket(text, position) + 1;
    else if (code === BACKSLASH) throw new SipParseError('Backslash Outside Quoted String', 400);
    else {
      if (code === COMMA) {
        parts.push(text.slice(partStart, position).trim());
        partStart = position + 1;
      }
      position += 1;
    }
  }
  parts.push(text.slice(partStart).trim());
  return parts;
}

/**
 * Position of the `>` that closes the `<` at `start`.
 * @throws SipParseError where there is none
 */
export function closingBracket(text: string, start: number): number {
  const position = text.indexOf('>', start);
  if (position === -1) throw new SipParseError('Unterminated Angle Bracket', 400);
  return position;
}
