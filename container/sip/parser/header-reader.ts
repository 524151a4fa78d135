import {
  BACKSLASH,
  COLON,
  CR,
  DELETE,
  LF,
  QUOTE,
  SPACE,
  TAB,
  TOKEN,
  skipSpace,
  spanEnd,
  trimmedEnd,
} from './characters.js';
import { SipParseError } from './error.js';
import { HeaderField } from './header-fields.js';
import type { HeaderFields } from './header-fields.js';
import { headerName } from './header-names.js';
import { headerRule } from './header-values.js';
import type { HeaderRule } from './header-values.js';
import type { ParserLimits } from './limits.js';
import { splitList } from './list.js';
import { namesOf } from './name-table.js';

const FREQUENT_VALUES = namesOf(
  '0',
  '70',
  'application/sdp',
  'message/sipfrag',
  'message/sipfrag;version=2.0',
  'refer',
);

/** Reads the header fields into the message's. Goes on after an error: what follows may be needed to answer. */
export class HeaderReader {
  /** The first error. */
  error: SipParseError | undefined;
  readonly fields: HeaderFields;
  readonly #limits: ParserLimits;
  #isPlain = false;
  #viasSeen = 0;
  #viasKept = 0;

  constructor(fields: HeaderFields, limits: ParserLimits, error: SipParseError | undefined) {
    this.fields = fields;
    this.#limits = limits;
    this.error = error;
  }

  /** Whether a Via was not kept: without it the others do not say where a response has to go. */
  get viaIsLost(): boolean {
    return this.#viasSeen !== this.#viasKept;
  }

  /**
   * Position after the blank line that ends the header, or -1 where there is none.
   * @param isPlain no field is folded or has control characters
   */
  readAll(text: string, start: number, isPlain: boolean): number {
    this.#isPlain = isPlain;
    let position = start;
    for (let count = 0; ; count += 1) {
      if (text.charCodeAt(position) === CR && text.charCodeAt(position + 1) === LF) return position + 2;
      const end = fieldEnd(text, position);
      if (end === -1) {
        this.fail('Unterminated Header');
        return -1;
      }
      if (count === this.#limits.maxHeaders) {
        this.fail('Too Many Header Fields');
        return -1;
      }
      this.#attempt(text, position, end);
      position = end + 2;
    }
  }

  fail(reason: string): void {
    this.error ??= new SipParseError(reason, 400);
  }

  #attempt(text: string, start: number, end: number): void {
    try {
      this.#read(text, start, end);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.error ??= error;
    }
  }

  #read(text: string, start: number, end: number): void {
    const nameEnd = spanEnd(text, start, end, TOKEN);
    const colon = skipSpace(text, nameEnd, end);
    if (nameEnd === start || text.charCodeAt(colon) !== COLON) throw new SipParseError('Bad Header Name', 400);
    const name = headerName(text, start, nameEnd);
    if (name === 'Via') this.#viasSeen += 1;
    if (end - start > this.#limits.maxHeaderLength) throw new SipParseError('Header Field Too Long', 400);
    if (!this.#isPlain && hasControl(text, colon + 1, end)) throw new SipParseError('Control Character In Header', 400);
    const valueStart = skipSpace(text, colon + 1, end);
    const value = FREQUENT_VALUES.cut(text, valueStart, trimmedEnd(text, valueStart, end));
    this.#add(name, this.#isPlain ? value : unfold(value));
  }

  #add(name: string, value: string): void {
    const rule = headerRule(name);
    if (rule?.single === true && this.fields.first(name) !== undefined) {
      throw new SipParseError('Repeated Header Field', 400);
    }
    if (rule?.list === true) return this.#addList(name, value, rule);
    const field = new HeaderField(name, value, undefined);
    this.fields.add(field);
    if (rule?.eager === true) field.parsed = rule.parse(value);
  }

  /** The texts are kept also where one of them cannot be read, here as above: a response repeats them. */
  #addList(name: string, value: string, rule: HeaderRule): void {
    if (value.includes(',')) return this.#addSeveral(name, splitList(value), rule);
    this.#checkCount(name, 1);
    const field = new HeaderField(name, value, undefined);
    this.fields.add(field);
    if (name === 'Via') this.#viasKept += 1;
    field.parsed = rule.parse(value);
  }

  #addSeveral(name: string, values: string[], rule: HeaderRule): void {
    this.#checkCount(name, values.length);
    const added = values.map((raw) => new HeaderField(name, raw, undefined));
    for (const field of added) this.fields.add(field);
    if (name === 'Via') this.#viasKept += 1;
    for (const field of added) field.parsed = rule.parse(field.raw);
  }

  #checkCount(name: string, added: number): void {
    const limit = name === 'Via' ? this.#limits.maxVias : this.#limits.maxAddresses;
    if (this.fields.count(name) + added > limit) throw new SipParseError('Too Many Values', 400);
  }
}

/** Position of the line break that ends the header field, lines that continue it included; -1 where there is none. */
function fieldEnd(text: string, start: number): number {
  let end = text.indexOf('\r\n', start);
  while (end !== -1 && isSpace(text.charCodeAt(end + 2))) end = text.indexOf('\r\n', end + 2);
  return end;
}

/** A line break with the white space after it is the same as one space (RFC 3261 section 7.3.1). */
function unfold(value: string): string {
  if (!value.includes('\r\n')) return value;
  const lines = value.split('\r\n').map((line) => line.trim());
  return lines.join(' ').trim();
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}

/**
 * Whether there are control characters other than tabs, the line breaks of a folded field, and what is escaped in a quoted
 * string (RFC 3261 section 25.1, quoted-pair). CR and LF, sent on in another message, would end a header field there.
 */
function hasControl(text: string, start: number, end: number): boolean {
  let isQuoted = false;
  let isEscaped = false;
  for (let position = start; position < end; position += 1) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) isQuoted = !isQuoted;
    if (isQuoted && code === BACKSLASH && !isLineBreak(text.charCodeAt(position + 1))) {
      position += 1;
      isEscaped ||= isControl(text.charCodeAt(position));
    } else if (isControl(code)) {
      if (code !== CR || text.charCodeAt(position + 1) !== LF) return true;
      position += 1;
    }
  }
  return isQuoted && isEscaped;
}

function isControl(code: number): boolean {
  return (code < SPACE && code !== TAB) || code === DELETE;
}

function isLineBreak(code: number): boolean {
  return code === CR || code === LF;
}
