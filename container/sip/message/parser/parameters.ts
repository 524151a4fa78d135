import { EQUAL, QUOTE, SEMICOLON, TOKEN, VALUE } from './characters.js';
import { SipParseError } from './error.js';
import { quotedEnd } from './list.js';
import { Names } from './name-table.js';
import type { Scanner } from './scanner.js';

/** Name in lower case to value; quoted values keep their quotes and escapes. */
export type ParameterMap<Absent> = Record<string, string | Absent>;

/** Takes the parameters as they are read. */
export interface ParameterKeeper {
  /**
   * @param name in lower case
   * @param start of the value, quotes included; equals `end` if there is none
   */
  keep(scanner: Scanner, name: string, start: number, end: number): void;
}

/** Of Via, From, To, Contact and their URIs. */
const FREQUENT = new Names('branch', 'expires', 'lr', 'received', 'rport', 'tag', 'transport', 'user');

/** Name of a parameter, in lower case. */
export function parameterName(scanner: Scanner, start: number, end: number): string {
  return FREQUENT.find(scanner, start, end) ?? scanner.cut(start, end).toLowerCase();
}

/**
 * Keeps one parameter. A repeated name must have the same value: two tags or branches would leave open which dialog or transaction is
 * meant.
 * @throws SipParseError if the values differ
 */
export function keep<Absent>(map: ParameterMap<Absent>, name: string, value: string | Absent): void {
  // An assignment would set the prototype of the map instead of an entry.
  if (name === '__proto__') throw new SipParseError('Bad Parameter Name', 400);
  if (Object.hasOwn(map, name) && map[name] !== value) throw new SipParseError('Contradictory Parameters', 400);
  map[name] = value;
}

/**
 * Reads `*( SEMI generic-param )` in the whole of the range. Ignores a trailing semicolon and an equals sign without a value, which some
 * phones send.
 * @throws SipParseError if anything else stands there
 */
export function readParameters(scanner: Scanner, start: number, end: number, parameters: ParameterKeeper): void {
  let position = scanner.skipSpace(start, end);
  while (position < end) {
    if (scanner.codeAt(position) !== SEMICOLON) throw new SipParseError('Bad Parameter', 400);
    const nameStart = scanner.skipSpace(position + 1, end);
    if (nameStart === end) return;
    const nameEnd = scanner.spanEnd(nameStart, end, TOKEN);
    if (nameEnd === nameStart) throw new SipParseError('Bad Parameter Name', 400);
    const name = parameterName(scanner, nameStart, nameEnd);
    position = scanner.skipSpace(nameEnd, end);
    if (position === end || scanner.codeAt(position) !== EQUAL) {
      parameters.keep(scanner, name, nameEnd, nameEnd);
      continue;
    }
    const valueStart = scanner.skipSpace(position + 1, end);
    const quoted = valueStart < end && scanner.codeAt(valueStart) === QUOTE;
    const valueEnd = quoted ? quotedEnd(scanner, valueStart, end) : scanner.spanEnd(valueStart, end, VALUE);
    parameters.keep(scanner, name, valueStart, valueEnd);
    position = scanner.skipSpace(valueEnd, end);
  }
}

/**
 * The same into a map.
 * @param absent the value of a parameter without a value
 */
export function parameterMap<Absent>(
  scanner: Scanner,
  start: number,
  end: number,
  absent: Absent,
): ParameterMap<Absent> {
  const map: ParameterMap<Absent> = {};
  readParameters(scanner, start, end, {
    keep: (_scanner, name, from, to) => keep(map, name, from === to ? absent : scanner.cut(from, to)),
  });
  return map;
}
