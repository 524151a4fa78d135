import { EQUAL, QUOTE, SEMICOLON, BACKSLASH, TOKEN, VALUE, skipSpace, spanEnd } from './characters.js';
import { SipParseError } from './error.js';
import { namesOf } from './name-table.js';

/** Name in lower case to value; quoted values keep their quotes and escapes, as in sip.js. */
export type ParameterMap<Absent> = Record<string, string | Absent>;

/** Of Via, From, To, Contact and their URIs. */
const FREQUENT = namesOf('branch', 'expires', 'lr', 'received', 'rport', 'tag', 'transport', 'user');

/** Name of a parameter that comes in most messages; undefined where it is another one. */
export function frequentParameter(text: string, start: number, end: number): string | undefined {
  return FREQUENT.find(text, start, end);
}

/** Name of a parameter, in lower case. */
export function parameterName(text: string, start: number, end: number): string {
  return FREQUENT.find(text, start, end) ?? text.slice(start, end).toLowerCase();
}

/**
 * Position after the closing quote of the quoted string that starts at `start` (RFC 3261 section 25.1).
 * @throws SipParseError where it is not closed
 */
export function quotedEnd(text: string, start: number, end: number): number {
  for (let position = start + 1; position < end; position += 1) {
    const code = text.charCodeAt(position);
    if (code === BACKSLASH) position += 1;
    else if (code === QUOTE) return position + 1;
  }
  throw new SipParseError('Unterminated Quoted String', 400);
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
 * Reads `*( SEMI generic-param )` from `start` to the end of the text.
 * @param absent what a parameter without a value has
 * @throws SipParseError where anything else stands there
 */
export function parseParameters<Absent>(text: string, start: number, absent: Absent): ParameterMap<Absent> {
  const map: ParameterMap<Absent> = {};
  const end = text.length;
  let position = skipSpace(text, start, end);
  while (position < end) {
    if (text.charCodeAt(position) !== SEMICOLON) throw new SipParseError('Bad Parameter', 400);
    const nameStart = skipSpace(text, position + 1, end);
    const nameEnd = spanEnd(text, nameStart, end, TOKEN);
    if (nameEnd === nameStart) throw new SipParseError('Bad Parameter Name', 400);
    const name = parameterName(text, nameStart, nameEnd);
    position = skipSpace(text, nameEnd, end);
    if (position === end || text.charCodeAt(position) !== EQUAL) {
      keep(map, name, absent);
      continue;
    }
    const valueStart = skipSpace(text, position + 1, end);
    const quoted = valueStart < end && text.charCodeAt(valueStart) === QUOTE;
    const valueEnd = quoted ? quotedEnd(text, valueStart, end) : spanEnd(text, valueStart, end, VALUE);
    if (valueEnd === valueStart) throw new SipParseError('Bad Parameter Value', 400);
    keep(map, name, text.slice(valueStart, valueEnd));
    position = skipSpace(text, valueEnd, end);
  }
  return map;
}
