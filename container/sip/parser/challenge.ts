import { EQUAL, QUOTE, TOKEN, VALUE, skipSpace, spanEnd } from './characters.js';
import { SipParseError } from './error.js';
import { splitList } from './list.js';
import { keep, quotedEnd } from './parameters.js';
import type { ParameterMap } from './parameters.js';

/** One challenge of WWW-Authenticate or Proxy-Authenticate (RFC 3261 section 20.44), with sip.js's names. */
export interface Challenge {
  /** As written: `Digest`. sip.js leaves it out. */
  scheme: string;
  /** Without its quotes, escapes kept: what the digest is computed over and what is sent back (RFC 7616 section 3.5). */
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
 * Parses one challenge. A value is taken with or without quotes, whichever way the grammar has it.
 * @throws SipParseError where it is none
 */
export function parseChallenge(text: string): Challenge {
  const schemeEnd = spanEnd(text, 0, text.length, TOKEN);
  const parametersStart = skipSpace(text, schemeEnd, text.length);
  if (schemeEnd === 0 || parametersStart === schemeEnd) throw new SipParseError('Bad Challenge');
  const challenge: Challenge = { scheme: text.slice(0, schemeEnd) };
  const parameters: ParameterMap<never> = {};
  for (const part of splitList(text.slice(parametersStart))) {
    const [name, value] = parameter(part);
    keep(parameters, name, value);
  }
  // What another scheme means by `realm` or `nonce` is not known here, and sip.js answers Digest only.
  if (challenge.scheme.toLowerCase() === 'digest') fill(challenge, parameters);
  return challenge;
}

function parameter(text: string): [name: string, value: string] {
  const end = text.length;
  const nameEnd = spanEnd(text, 0, end, TOKEN);
  const equal = skipSpace(text, nameEnd, end);
  if (nameEnd === 0 || text.charCodeAt(equal) !== EQUAL) throw new SipParseError('Bad Challenge');
  const name = text.slice(0, nameEnd).toLowerCase();
  const start = skipSpace(text, equal + 1, end);
  const quoted = text.charCodeAt(start) === QUOTE;
  const valueEnd = quoted ? quotedEnd(text, start, end) : spanEnd(text, start, end, VALUE);
  if (valueEnd !== end || valueEnd === start) throw new SipParseError('Bad Challenge');
  return [name, quoted ? text.slice(start + 1, valueEnd - 1) : text.slice(start, valueEnd)];
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
