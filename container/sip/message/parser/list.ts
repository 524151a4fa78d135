import { BACKSLASH, COMMA, LESS, QUOTE } from './characters.js';
import { SipParseError } from './error.js';
import { scan, type Scanner } from './scanner.js';

/** From `start` to before `end` in a text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Splits a header value at its commas, except those in quoted strings and in `<>` (RFC 3261 section 7.3.1), and trims the parts. Two
 * commas in a row give an empty part.
 * @throws SipParseError if a quoted string or a `<` is not closed
 */
export function splitList(text: string): string[] {
  return scan(text, (scanner, start, end) =>
    listParts(scanner, start, end).map((part) => scanner.cut(part.start, part.end)),
  );
}

/** The same, for a range of the text. */
export function listParts(scanner: Scanner, start: number, end: number): Range[] {
  if (scanner.find(',', start, end) === -1) return [trimmed(scanner, start, end)];
  const parts: Range[] = [];
  let partStart = start;
  let position = start;
  while (position < end) {
    const code = scanner.codeAt(position);
    if (code === QUOTE) position = quotedEnd(scanner, position, end);
    else if (code === LESS) position = closingBracket(scanner, position, end) + 1;
    else if (code === BACKSLASH) throw new SipParseError('Backslash Outside Quoted String', 400);
    else {
      if (code === COMMA) {
        parts.push(trimmed(scanner, partStart, position));
        partStart = position + 1;
      }
      position += 1;
    }
  }
  parts.push(trimmed(scanner, partStart, end));
  return parts;
}

function trimmed(scanner: Scanner, start: number, end: number): Range {
  const trimmedStart = scanner.skipSpace(start, end);
  return { start: trimmedStart, end: scanner.trimmedEnd(trimmedStart, end) };
}

/**
 * Position of the `>` that closes the `<` at `start`.
 * @throws SipParseError if there is none
 */
export function closingBracket(scanner: Scanner, start: number, end: number): number {
  const position = scanner.find('>', start, end);
  if (position === -1) throw new SipParseError('Unterminated Angle Bracket', 400);
  return position;
}

/**
 * Position after the closing quote of the quoted string that starts at `start` (RFC 3261 section 25.1).
 * @throws SipParseError if it is not closed
 */
export function quotedEnd(scanner: Scanner, start: number, end: number): number {
  const position = closingQuote(scanner, start, end);
  if (position === -1) throw new SipParseError('Unterminated Quoted String', 400);
  return position + 1;
}

/** Position of the quote that closes the one at `start`, or -1 if there is none. */
export function closingQuote(scanner: Scanner, start: number, end: number): number {
  for (let position = start + 1; position < end; position += 1) {
    const code = scanner.codeAt(position);
    if (code === BACKSLASH) position += 1;
    else if (code === QUOTE) return position;
  }
  return -1;
}
