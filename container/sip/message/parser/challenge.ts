import { EQUAL, QUOTE, TOKEN, VALUE } from './characters.js';
import { SipParseError } from './error.js';
import { listParts, quotedEnd } from './list.js';
import { keep } from './parameters.js';
import type { ParameterMap } from './parameters.js';
import type { Scanner } from './scanner.js';

/** One challenge of WWW-Authenticate or Proxy-Authenticate (RFC 3261 section 20.44). */
export interface Challenge {
  /** As written, for example `Digest`. */
  scheme: string;
  /** Without quotes, escapes kept: the digest is computed over this text, and this text is sent back (RFC 7616 section 3.4.5). */
  realm?: string;
  nonce?: string;
  opaque?: string;
  stale?: boolean;
  /** In upper case: `MD5`, `SHA-256`. */
  algorithm?: string;
  /** In lower case. */
  qop?: string[];
}

/**
 * Reads one challenge. Accepts each value with or without quotes, whatever the grammar says, and missing values.
 * @throws SipParseError if it is not one
 */
export function readChallenge(scanner: Scanner, start: number, end: number): Challenge {
  const schemeEnd = scanner.spanEnd(start, end, TOKEN);
  const parametersStart = scanner.skipSpace(schemeEnd, end);
  if (schemeEnd === start || parametersStart === schemeEnd) throw new SipParseError('Bad Challenge');
  const challenge: Challenge = { scheme: scanner.cut(start, schemeEnd) };
  const parameters: ParameterMap<never> = {};
  for (const part of listParts(scanner, parametersStart, end)) {
    if (part.start === part.end) continue; // a superfluous comma
    const [name, value] = parameter(scanner, part.start, part.end);
    keep(parameters, name, value);
  }
  // Another scheme may mean something else by `realm` or `nonce`.
  if (challenge.scheme.toLowerCase() === 'digest') fill(challenge, parameters);
  return challenge;
}

function parameter(scanner: Scanner, from: number, end: number): [name: string, value: string] {
  const nameEnd = scanner.spanEnd(from, end, TOKEN);
  const equal = scanner.skipSpace(nameEnd, end);
  if (nameEnd === from) throw new SipParseError('Bad Challenge');
  const name = scanner.cut(from, nameEnd).toLowerCase();
  // A flag, or the second value of `qop=auth,auth-int` without the quotes that it should have.
  if (equal === end) return [name, ''];
  if (scanner.codeAt(equal) !== EQUAL) throw new SipParseError('Bad Challenge');
  const start = scanner.skipSpace(equal + 1, end);
  const quoted = scanner.codeAt(start) === QUOTE;
  const valueEnd = quoted ? quotedEnd(scanner, start, end) : scanner.spanEnd(start, end, VALUE);
  if (valueEnd !== end) throw new SipParseError('Bad Challenge');
  return [name, quoted ? scanner.cut(start + 1, valueEnd - 1) : scanner.cut(start, valueEnd)];
}

function fill(challenge: Challenge, parameters: ParameterMap<never>): void {
  const { realm, nonce, opaque, stale, algorithm, qop } = parameters;
  if (realm !== undefined) challenge.realm = realm;
  if (nonce !== undefined) challenge.nonce = nonce;
  if (opaque !== undefined) challenge.opaque = opaque;
  if (algorithm !== undefined) challenge.algorithm = algorithm.toUpperCase();
  const isStale = stale?.toLowerCase();
  if (isStale === 'true' || isStale === 'false') challenge.stale = isStale === 'true';
  if (qop !== undefined) challenge.qop = qop.split(',').map((value) => value.trim().toLowerCase());
}
