import { HEX, PERCENT, SPACE, TAB, ZERO, classesByCode } from './characters.js';
import { SipParseError } from './error.js';

/** Characters of the longest text that is read: as long as a datagram can be. */
export const LONGEST_TEXT = 64 * 1024;
const LAST_ONE_BYTE = 0xff;
const LONGEST_NUMBER = 15;
/** What stands for bytes that are no UTF-8. */
const NO_UTF8 = '\ufffd';

/**
 * The codes of the text that is being read, a part of which is a range of positions. `charCodeAt` looks up again for each
 * character how the string is stored, and takes three times as long as a look into an array. Every code beyond 0xff is
 * 0xff here: the grammar has no use for them but as letters. Behind the last one stands a zero.
 */
const codes = new Uint8Array(LONGEST_TEXT + 1);

/** A constant of this module, other than what it imports, is not looked up again for each character. */
const classes = classesByCode;

let text = '';

/**
 * Reads a text, and goes back to the one that was being read.
 * @throws SipParseError where it is longer than a datagram can be, or what `read` throws
 */
export function reading<Value>(source: string, read: (start: number, end: number) => Value): Value {
  const outer = text;
  const outerCodes = outer === '' ? undefined : codes.slice(0, outer.length + 1);
  try {
    open(source);
    return read(0, source.length);
  } finally {
    text = outer;
    if (outerCodes !== undefined) codes.set(outerCodes);
  }
}

/** The same for the text of these bytes, which are its codes as long as each is a character: none needs to be looked at then. */
export function readingBytes<Value>(
  source: string,
  bytes: Uint8Array,
  read: (start: number, end: number) => Value,
): Value {
  if (bytes.length !== source.length || source.includes(NO_UTF8)) return reading(source, read);
  checkLength(source);
  try {
    text = source;
    codes.set(bytes);
    codes[source.length] = 0;
    return read(0, source.length);
  } finally {
    text = '';
  }
}

function open(source: string): void {
  checkLength(source);
  const { length } = source;
  text = source;
  for (let position = 0; position < length; position += 1) {
    codes[position] = Math.min(source.charCodeAt(position), LAST_ONE_BYTE);
  }
  codes[length] = 0;
}

function checkLength({ length }: string): void {
  if (length > LONGEST_TEXT) throw new SipParseError('Text Too Long', 400);
}

export function cut(start: number, end: number): string {
  return text.slice(start, end);
}

/** Zero at the end of the text. */
export function codeAt(position: number): number {
  return codes[position] ?? 0;
}

/** Whether these codes are the next ones from `start` on. */
export function standsAt(expected: Uint8Array, start: number): boolean {
  for (let index = 0; index < expected.length; index += 1) {
    if (expected[index] !== codes[start + index]) return false;
  }
  return true;
}

/** Position of the character in the range, or -1. */
export function find(character: string, start: number, end: number): number {
  const position = text.indexOf(character, start);
  return position < end ? position : -1;
}

/** Position of the first character from `start` on that is not in the class; at most `end`. */
export function spanEnd(start: number, end: number, bit: number): number {
  let position = start;
  while (position < end && ((classes[codes[position] ?? 0] ?? 0) & bit) !== 0) position += 1;
  return position;
}

/**
 * The same where `escaped` may stand between the characters.
 * @throws SipParseError where a `%` is not followed by two hexadecimal digits
 */
export function escapedSpanEnd(start: number, end: number, bit: number): number {
  let position = spanEnd(start, end, bit);
  while (position < end && codes[position] === PERCENT) {
    if (position + 2 >= end || !isHex(codes[position + 1]) || !isHex(codes[position + 2])) {
      throw new SipParseError('Bad Escape In URI', 400);
    }
    position = spanEnd(position + 3, end, bit);
  }
  return position;
}

/** Whether the range is one or more characters of the class. */
export function isAll(start: number, end: number, bit: number): boolean {
  return start < end && spanEnd(start, end, bit) === end;
}

/** Position of the first character from `start` on that is neither space nor tab; at most `end`. */
export function skipSpace(start: number, end: number): number {
  let position = start;
  while (position < end && isSpace(codes[position])) position += 1;
  return position;
}

/** Position behind the last character before `end` that is neither space nor tab; at least `start`. */
export function trimmedEnd(start: number, end: number): number {
  let position = end;
  while (position > start && isSpace(codes[position - 1])) position -= 1;
  return position;
}

/**
 * Value of a run of decimal digits, or undefined where the range is empty, has other characters, or has more digits
 * than a 32-bit number with leading zeroes could need.
 */
export function digits(start: number, end: number): number | undefined {
  if (start >= end || end - start > LONGEST_NUMBER) return undefined;
  let value = 0;
  for (let position = start; position < end; position += 1) {
    const digit = codeAt(position) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function isSpace(code: number | undefined): boolean {
  return code === SPACE || code === TAB;
}

function isHex(code: number | undefined): boolean {
  return ((classes[code ?? 0] ?? 0) & HEX) !== 0;
}
