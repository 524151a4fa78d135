import { EQUAL, GREATER, LESS, QUOTE, SEMICOLON, TOKEN, VALUE } from './characters.js';
import { SipParseError } from './error.js';
import { closingQuote } from './list.js';
import { readNameAddr } from './name-addr.js';
import { keep, parameterName } from './parameters.js';
import type { ParameterMap } from './parameters.js';
import { scan, type Scanner } from './scanner.js';
import { Address } from './address.js';
import { checkAddressUri } from './uri.js';

/**
 * An address that breaks the grammar: only its parameters were read. A dialog needs no more of From and To (RFC 3261 section 12.2). Its
 * URI getter may throw a SipParseError.
 */
export class LooseAddress extends Address {}

interface Parts {
  readonly uriStart: number;
  readonly uriEnd: number;
  readonly parametersStart: number;
}

/**
 * Reads From or To; a LooseAddress if it breaks the grammar.
 * @throws SipParseError if two parameters contradict each other
 */
export function readFromOrTo(scanner: Scanner, start: number, end: number): Address {
  try {
    return readNameAddr(scanner, start, end);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    const { uriStart, uriEnd, parametersStart } = partsOf(scanner, start, end);
    return new LooseAddress('', scanner.cut(uriStart, uriEnd), readableParameters(scanner, parametersStart, end));
  }
}

/**
 * Reads an address that requests are sent to: of Contact, Route, Record-Route. Only its URI is used.
 * @throws SipParseError if no request could be sent to it
 */
export function readTarget(scanner: Scanner, start: number, end: number): Address {
  try {
    return readNameAddr(scanner, start, end);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    const { uriStart, uriEnd, parametersStart } = partsOf(scanner, start, end);
    checkAddressUri(scanner, uriStart, uriEnd);
    return new Address('', scanner.cut(uriStart, uriEnd), readableParameters(scanner, parametersStart, end));
  }
}

/** The same for a text. */
export function parseTarget(text: string): Address {
  return scan(text, readTarget);
}

/** The text in the first angle brackets; if there are none, the text before the first semicolon. */
function partsOf(scanner: Scanner, start: number, end: number): Parts {
  const bracket = endOfUnquoted(scanner, LESS, start, end);
  if (bracket === end) {
    const semicolon = endOfUnquoted(scanner, SEMICOLON, start, end);
    return {
      uriStart: scanner.skipSpace(start, semicolon),
      uriEnd: scanner.trimmedEnd(start, semicolon),
      parametersStart: semicolon,
    };
  }
  let closing = bracket;
  while (closing < end && scanner.codeAt(closing) !== GREATER) closing += 1;
  const uriStart = scanner.skipSpace(bracket + 1, closing);
  return { uriStart, uriEnd: scanner.trimmedEnd(uriStart, closing), parametersStart: Math.min(closing + 1, end) };
}

/** Skips parameters that cannot be read. */
function readableParameters(scanner: Scanner, start: number, end: number): ParameterMap<never> {
  const map: ParameterMap<never> = {};
  for (let position = start; position < end;) {
    const partEnd = endOfUnquoted(scanner, SEMICOLON, position, end);
    const nameStart = scanner.skipSpace(position, partEnd);
    const nameEnd = scanner.spanEnd(nameStart, partEnd, TOKEN);
    const equal = scanner.skipSpace(nameEnd, partEnd);
    const valueStart = scanner.skipSpace(equal + 1, partEnd);
    const valueEnd = scanner.trimmedEnd(valueStart, partEnd);
    const isReadable =
      nameEnd > nameStart && scanner.codeAt(equal) === EQUAL && scanner.isAll(valueStart, valueEnd, VALUE);
    const name = parameterName(scanner, nameStart, nameEnd);
    if (isReadable && name !== '__proto__') keep(map, name, scanner.cut(valueStart, valueEnd));
    position = partEnd + 1;
  }
  return map;
}

/** Position of the character outside quoted strings, or the end. An unclosed quote counts as an ordinary character. */
function endOfUnquoted(scanner: Scanner, code: number, start: number, end: number): number {
  let position = start;
  let closing = start;
  while (position < end && scanner.codeAt(position) !== code) {
    if (scanner.codeAt(position) === QUOTE && closing !== -1) closing = closingQuote(scanner, position, end);
    position = Math.max(position, closing) + 1;
  }
  return position;
}
