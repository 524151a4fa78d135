import { SLASH, TOKEN, WORD, digits, isAll, skipSpace, spanEnd } from './characters.js';
import { SipParseError } from './error.js';
import { splitList } from './list.js';
import { METHODS } from './methods.js';
import { parseParameters } from './parameters.js';
import type { ParameterMap } from './parameters.js';

export interface CSeq {
  value: number;
  method: string;
}

export interface EventValue {
  /** Event package, in lower case. */
  event: string;
  params?: ParameterMap<undefined>;
}

export interface ContentDisposition {
  /** In lower case. */
  type: string;
  params?: ParameterMap<undefined>;
}

export interface SubscriptionState {
  /** In lower case: `active`, `pending`, `terminated`. */
  state: string;
  /** In lower case. */
  reason?: string;
  /** Seconds. */
  expires?: number;
  /** Seconds; sip.js knows it only by the name `retry_after`, which nobody sends. */
  retry_after?: number;
  params?: ParameterMap<undefined>;
}

export interface Replaces {
  call_id: string;
  replaces_from_tag: string;
  replaces_to_tag: string;
  early_only?: true;
  params?: ParameterMap<undefined>;
}

export interface SessionExpires {
  deltaSeconds: number;
  refresher?: 'uac' | 'uas';
  params?: ParameterMap<undefined>;
}

/** RFC 3261 section 20.16: more than 2^31 - 1 is refused by the caller, which can still answer it. */
export function parseCSeq(text: string): CSeq {
  let position = 0;
  while (position < text.length && text.charCodeAt(position) >= 0x30 && text.charCodeAt(position) <= 0x39)
    position += 1;
  const methodStart = skipSpace(text, position, text.length);
  const value = digits(text, 0, position);
  if (value === undefined || methodStart === position || !isAll(text, methodStart, text.length, TOKEN)) {
    throw new SipParseError('Bad CSeq', 400);
  }
  return { value, method: METHODS.cut(text, methodStart, text.length) };
}

export function parseCallId(text: string): string {
  const at = text.indexOf('@');
  const partsAreWords = at === -1 || (at > 0 && at < text.length - 1 && text.indexOf('@', at + 1) === -1);
  if (!partsAreWords || !isAll(text, 0, text.length, WORD)) throw new SipParseError('Bad Call-ID', 400);
  return text;
}

/** Digits only, up to 2^32 - 1: Content-Length, Expires. */
export function parseNumber(text: string): number {
  const value = digits(text, 0, text.length);
  if (value === undefined || value > 0xffffffff) throw new SipParseError('Bad Number', 400);
  return value;
}

/** RFC 3261 section 20.22. */
export function parseMaxForwards(text: string): number {
  const value = parseNumber(text);
  if (value > 255) throw new SipParseError('Bad Max-Forwards', 400);
  return value;
}

/** As in sip.js, the whole text with its parameters. */
export function parseContentType(text: string): string {
  const typeEnd = spanEnd(text, 0, text.length, TOKEN);
  const slash = skipSpace(text, typeEnd, text.length);
  const subtype = skipSpace(text, slash + 1, text.length);
  const subtypeEnd = spanEnd(text, subtype, text.length, TOKEN);
  if (typeEnd === 0 || text.charCodeAt(slash) !== SLASH || subtypeEnd === subtype) {
    throw new SipParseError('Bad Content-Type', 400);
  }
  parseParameters(text, subtypeEnd, undefined);
  return text;
}

export function parseEvent(text: string): EventValue {
  const [event, params] = tokenAndParameters(text);
  return withParameters({ event: event.toLowerCase() }, params);
}

export function parseContentDisposition(text: string): ContentDisposition {
  const [type, params] = tokenAndParameters(text);
  return withParameters({ type: type.toLowerCase() }, params);
}

export function parseSubscriptionState(text: string): SubscriptionState {
  const [state, { reason, expires, 'retry-after': retryAfter, ...params }] = tokenAndParameters(text);
  const value: SubscriptionState = { state: state.toLowerCase() };
  if (reason !== undefined) value.reason = reason.toLowerCase();
  if (expires !== undefined) value.expires = parseNumber(expires);
  if (retryAfter !== undefined) value.retry_after = parseNumber(retryAfter);
  return withParameters(value, params);
}

/** RFC 3891 section 6.1. */
export function parseReplaces(text: string): Replaces {
  const semicolon = text.indexOf(';');
  const callId = parseCallId(semicolon === -1 ? text : text.slice(0, semicolon).trimEnd());
  const parameters = parseParameters(text, callId.length, undefined);
  const { 'from-tag': fromTag, 'to-tag': toTag, 'early-only': _, ...params } = parameters;
  if (fromTag === undefined || toTag === undefined) throw new SipParseError('Bad Replaces', 400);
  const value: Replaces = { call_id: callId, replaces_from_tag: fromTag, replaces_to_tag: toTag };
  if ('early-only' in parameters) value.early_only = true;
  return withParameters(value, params);
}

/** RFC 4028 section 4. */
export function parseSessionExpires(text: string): SessionExpires {
  const [seconds, { refresher, ...params }] = tokenAndParameters(text);
  const value: SessionExpires = { deltaSeconds: parseNumber(seconds) };
  const party = refresher?.toLowerCase();
  if (party === 'uac' || party === 'uas') value.refresher = party;
  return withParameters(value, params);
}

export function parseMinSe(text: string): number {
  return parseNumber(tokenAndParameters(text)[0]);
}

/** Option tags of Require, Supported and the like; none of them is allowed to be empty, the whole list is. */
export function parseTokenList(text: string): string[] {
  if (text === '') return [];
  const tokens = splitList(text);
  if (!tokens.every((token) => isAll(token, 0, token.length, TOKEN))) throw new SipParseError('Bad Token List', 400);
  return tokens;
}

function tokenAndParameters(text: string): [token: string, parameters: ParameterMap<undefined>] {
  const tokenEnd = spanEnd(text, 0, text.length, TOKEN);
  if (tokenEnd === 0) throw new SipParseError('Bad Header', 400);
  return [text.slice(0, tokenEnd), parseParameters(text, tokenEnd, undefined)];
}

/** No empty object: sip.js has none either. */
function withParameters<Value extends object>(
  value: Value,
  params: ParameterMap<undefined>,
): Value & { params?: ParameterMap<undefined> } {
  return Object.keys(params).length === 0 ? value : { ...value, params };
}
