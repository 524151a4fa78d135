import { HEX, PERCENT, SPACE, TAB, ZERO, classesByCode } from './characters.js';
import { SipParseError } from './error.js';

/** Length of the longest text, in characters: that of the longest datagram. */
export const LONGEST_TEXT = 64 * 1024;
const LONGEST_NUMBER = 15;
/** Replacement for bytes that are not UTF-8. */
const NO_UTF8 = '\ufffd';
const BEYOND_ONE_BYTE = /[\u0100-\uffff]/g;
const LAST_ONE_BYTE = '\u00ff';

/**
 * A text to be read. A part of the text is a range of positions. Each character has a code; characters beyond 0xff share the code 0xff,
 * because to the grammar they are all letters.
 */
export class Scanner {
  private constructor(
    readonly text: string,
    /** An array: `charCodeAt` finds out for each character how the string is stored, which takes three times as long. */
    private readonly codes: Uint8Array,
  ) {
    if (text.length > LONGEST_TEXT) throw new SipParseError('Text Too Long', 400);
  }

  /** @throws SipParseError if the text is longer than a datagram can be */
  static of(text: string): Scanner {
    return new Scanner(text, Buffer.from(text.replaceAll(BEYOND_ONE_BYTE, LAST_ONE_BYTE), 'latin1'));
  }

  /** @param bytes of the text: its codes, if each byte is a character. @throws as `of` */
  static ofBytes(text: string, bytes: Uint8Array): Scanner {
    const isOneByteEach = bytes.length === text.length && !text.includes(NO_UTF8);
    return isOneByteEach ? new Scanner(text, bytes) : Scanner.of(text);
  }

  cut(start: number, end: number): string {
    return this.text.slice(start, end);
  }

  /** Zero at the end of the text. */
  codeAt(position: number): number {
    return position < this.codes.length ? (this.codes[position] ?? 0) : 0;
  }

  /** Whether these codes stand at `start`. */
  standsAt(expected: Uint8Array, start: number): boolean {
    for (let index = 0; index < expected.length; index += 1) {
      if (expected[index] !== this.codeAt(start + index)) return false;
    }
    return true;
  }

  /** Position of the characters in the range, or -1. */
  find(characters: string, start: number, end: number): number {
    const position = this.text.indexOf(characters, start);
    return position < end ? position : -1;
  }

  /** Position of the first character from `start` on that is not in the class; at most `end`. */
  spanEnd(start: number, end: number, bit: number): number {
    const { codes } = this;
    let position = start;
    while (position < end && (classOf(codes[position]) & bit) !== 0) position += 1;
    return position;
  }

  /**
   * The same, also accepting `escaped`.
   * @throws SipParseError if a `%` is not followed by two hexadecimal digits
   */
  escapedSpanEnd(start: number, end: number, bit: number): number {
    let position = this.spanEnd(start, end, bit);
    while (position < end && this.codeAt(position) === PERCENT) {
      if (position + 2 >= end || this.spanEnd(position + 1, position + 3, HEX) !== position + 3) {
        throw new SipParseError('Bad Escape In URI', 400);
      }
      position = this.spanEnd(position + 3, end, bit);
    }
    return position;
  }

  /** Whether the range is one or more characters of the class. */
  isAll(start: number, end: number, bit: number): boolean {
    return start < end && this.spanEnd(start, end, bit) === end;
  }

  /** Position of the first character from `start` on that is neither space nor tab; at most `end`. */
  skipSpace(start: number, end: number): number {
    let position = start;
    while (position < end && isSpace(this.codes[position])) position += 1;
    return position;
  }

  /** Position after the last character before `end` that is neither space nor tab; at least `start`. */
  trimmedEnd(start: number, end: number): number {
    let position = end;
    while (position > start && isSpace(this.codes[position - 1])) position -= 1;
    return position;
  }

  /**
   * Value of a run of decimal digits; undefined if the range is empty, has other characters, or more digits than a 32-bit number with
   * leading zeroes could need.
   */
  digits(start: number, end: number): number | undefined {
    if (start >= end || end - start > LONGEST_NUMBER) return undefined;
    let value = 0;
    for (let position = start; position < end; position += 1) {
      const digit = this.codeAt(position) - ZERO;
      if (digit < 0 || digit > 9) return undefined;
      value = value * 10 + digit;
    }
    return value;
  }
}

/**
 * Reads the whole of a text.
 * @throws SipParseError if the text is longer than a datagram can be, or what `read` throws
 */
export function scan<Value>(text: string, read: (scanner: Scanner, start: number, end: number) => Value): Value {
  return read(Scanner.of(text), 0, text.length);
}

function classOf(code: number | undefined): number {
  return classesByCode[code ?? 0] ?? 0;
}

function isSpace(code: number | undefined): boolean {
  return code === SPACE || code === TAB;
}
