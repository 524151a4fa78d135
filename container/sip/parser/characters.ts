/**
 * The character classes of RFC 3261 section 25.1, as one table of bits: a look-up a character is what keeps the parser
 * linear in the length of its input.
 */
const ALPHANUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const UNRESERVED = `${ALPHANUM}-_.!~*'()`;
const TOKEN_CHARACTERS = `${ALPHANUM}-.!%*_+\`'~`;

export const TOKEN = 1;
/** `word` of Call-ID, and the `@` between two of them. */
export const WORD = 2;
/** `user` with `escaped`. */
export const USER = 4;
export const PASSWORD = 8;
/** `paramchar` of a URI. */
export const URI_PARAMETER = 16;
/** `hname` and `hvalue` of a URI. */
export const URI_HEADER = 32;
/** `uric`. */
export const URIC = 64;
/** Labels of a host name, the underscore included: names of containers and test networks have it. */
export const HOST_NAME = 128;
/** `gen-value` that is a token or a host, with the colon of an IPv6 address that stands without its brackets. */
export const VALUE = 256;
/** Unquoted display name: tokens and the white space between them. */
export const DISPLAY_NAME = 512;

const classes = new Uint16Array(128);

function add(bit: number, characters: string): void {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    classes[code] = (classes[code] ?? 0) | bit;
  }
}

add(TOKEN, TOKEN_CHARACTERS);
add(WORD, `${TOKEN_CHARACTERS}()<>:\\"/[]?{}@`);
add(USER, `${UNRESERVED}%&=+$,;?/`);
add(PASSWORD, `${UNRESERVED}%&=+$,`);
add(URI_PARAMETER, `${UNRESERVED}%[]/:&+$`);
add(URI_HEADER, `${UNRESERVED}%[]/?:+$`);
add(URIC, `${UNRESERVED}%;/?:@&=+$,[]`);
add(HOST_NAME, `${ALPHANUM}-_.`);
add(VALUE, `${TOKEN_CHARACTERS}:[]`);
add(DISPLAY_NAME, `${TOKEN_CHARACTERS} \t`);

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const LESS = 0x3c;
export const EQUAL = 0x3d;
export const QUESTION_MARK = 0x3f;
export const BACKSLASH = 0x5c;
export const DELETE = 0x7f;

/** Position of the first character from `start` on that is not in the class; at most `end`. */
export function spanEnd(text: string, start: number, end: number, bit: number): number {
  let position = start;
  // A code above 127 reads past the table and is in no class.
  while (position < end && ((classes[text.charCodeAt(position)] ?? 0) & bit) !== 0) position += 1;
  return position;
}

/** Whether the range is one or more characters of the class. */
export function isAll(text: string, start: number, end: number, bit: number): boolean {
  return start < end && spanEnd(text, start, end, bit) === end;
}

/** Position of the first character from `start` on that is neither space nor tab; at most `end`. */
export function skipSpace(text: string, start: number, end: number): number {
  let position = start;
  while (position < end) {
    const code = text.charCodeAt(position);
    if (code !== SPACE && code !== TAB) break;
    position += 1;
  }
  return position;
}

/** Position behind the last character before `end` that is neither space nor tab; at least `start`. */
export function trimmedEnd(text: string, start: number, end: number): number {
  let position = end;
  while (position > start) {
    const code = text.charCodeAt(position - 1);
    if (code !== SPACE && code !== TAB) break;
    position -= 1;
  }
  return position;
}

/** Whether each `%` of the range is followed by two hexadecimal digits. */
export function escapesAreWhole(text: string, start: number, end: number): boolean {
  for (let at = text.indexOf('%', start); at !== -1 && at < end; at = text.indexOf('%', at + 1)) {
    if (at + 2 >= end || !isHex(text.charCodeAt(at + 1)) || !isHex(text.charCodeAt(at + 2))) return false;
  }
  return true;
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

/**
 * Value of a run of decimal digits, or undefined where the range is empty, has other characters, or has more digits
 * than a 32-bit number with leading zeroes could need.
 */
export function digits(text: string, start: number, end: number): number | undefined {
  if (start >= end || end - start > 15) return undefined;
  let value = 0;
  for (let position = start; position < end; position += 1) {
    const digit = text.charCodeAt(position) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
