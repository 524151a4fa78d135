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
   * @param start of the value, with its quotes where it is quoted; the same as `end` where there is none
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
 * Keeps one parameter. A name that comes twice has to say the same: two tags or two branches would leave open which
 * dialog or transaction is meant.
 * @throws SipParseError where it does not
 */
export function keep<Absent>(map: ParameterMap<Absent>, name: string, value: string | Absent): void {
  // Assigned, it would be the prototype of the map instead of an entry in it.
  if (name === '__proto__') throw new SipParseError('Bad Parameter Name', 400);
  if (Object.hasOwn(map, name) && map[name] !== value) throw new SipParseError('Contradictory Parameters', 400);
  map[name] = value;
}

/**
 * Reads `*( SEMI generic-param )` in the whole of the range. A semicolon at the end and an equals sign without a value, which some
 * phones send, mean nothing.
 * @throws SipParseError where anything else stands there
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
 * @param absent what a parameter without a value has
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
