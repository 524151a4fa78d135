import { BACKSLASH, COLON, CR, DELETE, LF, LINE, QUOTE, SPACE, TAB, TOKEN } from './characters.js';
import { SipParseError } from './error.js';
import { HeaderField } from './header-fields.js';
import type { HeaderFields } from './header-fields.js';
import { headerKind } from './header-values.js';
import type { HeaderKind, HeaderRule } from './header-values.js';
import type { ParserLimits } from './limits.js';
import { listParts } from './list.js';
import type { Range } from './list.js';
import { Names } from './name-table.js';
import { scan, type Scanner } from './scanner.js';

const FREQUENT_VALUES = new Names(
  '0',
  '70',
  'application/sdp',
  'message/sipfrag',
  'message/sipfrag;version=2.0',
  'refer',
);

/**
 * Reads the header fields of a message. Continues after an error, because the answer may need what follows. Skips lines that are not
 * header fields, and fields with control characters unless they are essential.
 */
export class HeaderReader {
  /** The first error. */
  error: SipParseError | undefined;
  readonly fields: HeaderFields;
  readonly #limits: ParserLimits;
  #viasSeen = 0;
  #viasKept = 0;

  constructor(fields: HeaderFields, limits: ParserLimits, error: SipParseError | undefined) {
    this.fields = fields;
    this.#limits = limits;
    this.error = error;
  }

  /** Whether a Via was dropped: without it the others do not say where a response goes. */
  get viaIsLost(): boolean {
    return this.#viasSeen !== this.#viasKept;
  }

  /** Position after the blank line that ends the header, or -1 if there is none. */
  readAll(scanner: Scanner, start: number, end: number): number {
    let position = start;
    for (let count = 0; ; count += 1) {
      if (isLineEnd(scanner, position)) return position + 2;
      if (count === this.#limits.maxHeaders) {
        this.fail('Too Many Header Fields');
        return -1;
      }
      const lineEnd = scanner.spanEnd(position, end, LINE);
      const fieldEnd =
        isLineEnd(scanner, lineEnd) && !isSpace(scanner.codeAt(lineEnd + 2))
          ? lineEnd
          : foldedEnd(scanner, lineEnd, end);
      if (fieldEnd === -1) {
        this.fail('Unterminated Header');
        return -1;
      }
      this.#attempt(scanner, position, fieldEnd, fieldEnd === lineEnd);
      position = fieldEnd + 2;
    }
  }

  fail(reason: string): void {
    this.error ??= new SipParseError(reason, 400);
  }

  #attempt(scanner: Scanner, start: number, end: number, isPlain: boolean): void {
    try {
      this.#read(scanner, start, end, isPlain);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.error ??= error;
    }
  }

  /** @param isPlain the field is not folded and has no control characters */
  #read(scanner: Scanner, start: number, end: number, isPlain: boolean): void {
    const nameEnd = scanner.spanEnd(start, end, TOKEN);
    const colon = scanner.skipSpace(nameEnd, end);
    if (nameEnd === start || scanner.codeAt(colon) !== COLON) return;
    const kind = headerKind(scanner, start, nameEnd);
    if (kind.name === 'Via') this.#viasSeen += 1;
    if (end - start > this.#limits.maxHeaderLength) throw new SipParseError('Header Field Too Long', 400);
    const valueStart = scanner.skipSpace(colon + 1, end);
    if (isPlain) return this.#add(scanner, kind, valueStart, scanner.trimmedEnd(valueStart, end));
    if (hasControl(scanner, colon + 1, end)) {
      if (kind.rule?.essential !== true) return;
      throw new SipParseError('Control Character In Header', 400);
    }
    const value = unfold(scanner.cut(valueStart, end));
    scan(value, (unfolded, from, to) => this.#add(unfolded, kind, from, to));
  }

  #add(scanner: Scanner, { name, rule }: HeaderKind, start: number, end: number): void {
    if (rule?.single === true && this.fields.first(name) !== undefined) {
      throw new SipParseError('Repeated Header Field', 400);
    }
    if (rule?.list === true) return this.#addList(scanner, name, rule, start, end);
    const field = this.#keep(scanner, name, start, end);
    if (rule?.essential === true) field.parsed = rule.read(scanner, start, end);
  }

  #addList(scanner: Scanner, name: string, rule: HeaderRule, start: number, end: number): void {
    const parts = scanner.find(',', start, end) === -1 ? undefined : partsOf(scanner, rule, start, end);
    this.#checkCount(name, parts?.length ?? 1);
    if (parts === undefined) this.#addValue(scanner, name, rule, start, end);
    else for (const part of parts) this.#addValue(scanner, name, rule, part.start, part.end);
    if (name === 'Via') this.#viasKept += 1;
  }

  /** Ignores an empty value. Reads only the topmost Via; a response repeats the others unread. */
  #addValue(scanner: Scanner, name: string, rule: HeaderRule, start: number, end: number): void {
    if (start === end) return;
    const isRead = rule.essential === true && this.fields.first(name) === undefined;
    const field = this.#keep(scanner, name, start, end);
    if (isRead) field.parsed = rule.read(scanner, start, end);
  }

  #keep(scanner: Scanner, name: string, start: number, end: number): HeaderField {
    const field = new HeaderField(name, FREQUENT_VALUES.cut(scanner, start, end), undefined);
    this.fields.add(field);
    return field;
  }

  #checkCount(name: string, added: number): void {
    const limit = name === 'Via' ? this.#limits.maxVias : this.#limits.maxAddresses;
    if (this.fields.count(name) + added > limit) throw new SipParseError('Too Many Values', 400);
  }
}

/** A list that cannot be split counts as one value, unless it is essential. */
function partsOf(scanner: Scanner, rule: HeaderRule, start: number, end: number): readonly Range[] {
  try {
    return listParts(scanner, start, end);
  } catch (error) {
    if (!(error instanceof SipParseError) || rule.essential === true) throw error;
    return [{ start, end }];
  }
}

function isLineEnd(scanner: Scanner, position: number): boolean {
  return scanner.codeAt(position) === CR && scanner.codeAt(position + 1) === LF;
}

/**
 * Position of the line break that ends a header field, lines that continue it included; -1 if there is none.
 * @param start in the field
 */
function foldedEnd(scanner: Scanner, start: number, end: number): number {
  let position = scanner.find('\r\n', start, end);
  while (position !== -1 && isSpace(scanner.codeAt(position + 2))) position = scanner.find('\r\n', position + 2, end);
  return position;
}

/** Replaces each line break with its following white space by one space (RFC 3261 section 7.3.1). */
function unfold(value: string): string {
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
function hasControl(scanner: Scanner, start: number, end: number): boolean {
  let isQuoted = false;
  let isEscaped = false;
  for (let position = start; position < end; position += 1) {
    const code = scanner.codeAt(position);
    if (code === QUOTE) isQuoted = !isQuoted;
    if (isQuoted && code === BACKSLASH && !isLineBreak(scanner.codeAt(position + 1))) {
      position += 1;
      isEscaped ||= isControl(scanner.codeAt(position));
    } else if (isControl(code)) {
      if (code !== CR || scanner.codeAt(position + 1) !== LF) return true;
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
