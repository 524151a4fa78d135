/**
 * The character classes of RFC 3261 section 25.1, as one table of bits. One look-up for each character keeps the parser linear in the
 * length of its input.
 */
const ALPHANUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const UNRESERVED = `${ALPHANUM}-_.!~*'()`;
const TOKEN_CHARACTERS = `${ALPHANUM}-.!%*_+\`'~`;

export const TOKEN = 1;
/** `word` of Call-ID, and the `@` between two of them. */
export const WORD = 2;
/** `user`, but for the `%` of `escaped`, as in the next four. */
export const USER = 4;
export const PASSWORD = 8;
/** `paramchar` of a URI. */
export const URI_PARAMETER = 16;
/** `hname` and `hvalue` of a URI. */
export const URI_HEADER = 32;
/** `uric`. */
export const URIC = 64;
/** Labels of a host name, including the underscore: names of containers and test networks contain it. */
export const HOST_NAME = 128;
/** Unquoted value of a parameter: any character that does not end the value. The grammar allows only tokens and hosts. */
export const VALUE = 256;
/** Unquoted display name: any character that does not begin another part of the address. The grammar allows only tokens. */
export const DISPLAY_NAME = 512;
/** A line: no control character except the tab. */
export const LINE = 1024;
export const DIGIT = 2048;
export const HEX = 4096;
/** A URI in an address: characters that may stand unescaped in a request line and in a quoted string. */
export const URI_TEXT = 8192;
/** Type and subtype of a body, with the slash between them. */
export const MEDIA_TYPE = 16384;

/** The classes of each code up to 0xff. */
export const classesByCode = new Uint16Array(256);

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const PERCENT = 0x25;
export const AMPERSAND = 0x26;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const LESS = 0x3c;
export const EQUAL = 0x3d;
export const GREATER = 0x3e;
export const QUESTION_MARK = 0x3f;
export const OPENING_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const DELETE = 0x7f;
/** The last of the control characters beyond ASCII. */
const LAST_CONTROL = 0x9f;

function add(bit: number, characters: string): void {
  for (const character of characters) addCode(bit, character.charCodeAt(0));
}

function addCode(bit: number, code: number): void {
  classesByCode[code] = (classesByCode[code] ?? 0) | bit;
}

add(TOKEN, TOKEN_CHARACTERS);
add(WORD, `${TOKEN_CHARACTERS}()<>:\\"/[]?{}@`);
add(USER, `${UNRESERVED}&=+$,;?/`);
add(PASSWORD, `${UNRESERVED}&=+$,`);
add(URI_PARAMETER, `${UNRESERVED}[]/:&+$`);
add(URI_HEADER, `${UNRESERVED}[]/?:+$`);
add(URIC, `${UNRESERVED};/?:@&=+$,[]`);
add(HOST_NAME, `${ALPHANUM}-_.`);
add(DISPLAY_NAME, '\t');
add(LINE, '\t');
add(MEDIA_TYPE, `${TOKEN_CHARACTERS}/`);
add(DIGIT, '0123456789');
add(HEX, '0123456789ABCDEFabcdef');
for (let code = SPACE; code < classesByCode.length; code += 1) {
  if (code !== DELETE) addCode(LINE, code);
  if (code > LAST_CONTROL || code < DELETE) addPrintable(code);
}

function addPrintable(code: number): void {
  const character = String.fromCharCode(code);
  if (!'",<\\'.includes(character)) addCode(DISPLAY_NAME, code);
  if (!' ",;<>\\'.includes(character)) addCode(VALUE, code);
  if (!' "<>\\'.includes(character)) addCode(URI_TEXT, code);
}
