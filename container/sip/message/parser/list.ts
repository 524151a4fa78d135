import { BACKSLASH, COMMA, LESS, QUOTE } from './characters.js';
import { SipParseError } from './error.js';
import { codeAt, cut, find, reading, skipSpace, trimmedEnd } from './reading.js';

/** From `start` to before `end` in the text that is being read. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Splits a header value at its commas, except those in quoted strings and in `<>` (RFC 3261 section 7.3.1), and trims
 * the parts. Two commas in a row give an empty part.
 * @throws SipParseError where a quoted string or a `<` is not closed
 */
export function splitList(text: string): string[] {
  return reading(text, (start, end) => listParts(start, end).map((part) => cut(part.start, part.end)));
}

/** The same for a range of the text that is being read. */
export function listParts(start: number, end: number): Range[] {
  if (find(',', start, end) === -1) return [trimmed(start, end)];
  const parts: Range[] = [];
  let partStart = start;
  let position = start;
  while (position < end) {
    const code = codeAt(position);
    if (code === QUOTE) position = quotedEnd(position, end);
    else if (code === LESS) position = closingBracket(position, end) + 1;
    else if (code === BACKSLASH) throw new SipParseError('Backslash Outside Quoted String', 400);
    else {
      if (code === COMMA) {
        parts.push(trimmed(partStart, position));
        partStart = position + 1;
      }
      position += 1;
    }
  }
  parts.push(trimmed(partStart, end));
  return parts;
}

function trimmed(start: number, end: number): Range {
  const trimmedStart = skipSpace(start, end);
  return { start: trimmedStart, end: trimmedEnd(trimmedStart, end) };
}

/**
 * Position of the `>` that closes the `<` at `start`.
 * @throws SipParseError where there is none
 */
export function closingBracket(start: number, end: number): number {
  const position = find('>', start, end);
  if (position === -1) throw new SipParseError('Unterminated Angle Bracket', 400);
  return position;
}

/**
 * Position after the closing quote of the quoted string that starts at `start` (RFC 3261 section 25.1).
 * @throws SipParseError where it is not closed
 */
export function quotedEnd(start: number, end: number): number {
  const position = closingQuote(start, end);
  if (position === -1) throw new SipParseError('Unterminated Quoted String', 400);
  return position + 1;
}

/** Position of the quote that closes the one at `start`, or -1 where there is none. */
export function closingQuote(start: number, end: number): number {
  for (let position = start + 1; position < end; position += 1) {
    const code = codeAt(position);
    if (code === BACKSLASH) position += 1;
    else if (code === QUOTE) return position;
  }
  return -1;
}
