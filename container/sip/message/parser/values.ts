import { DIGIT, MEDIA_TYPE, TOKEN, WORD } from './characters.js';
import { SipParseError } from './error.js';
import { listParts } from './list.js';
import { METHODS } from './methods.js';
import { parameterMap } from './parameters.js';
import type { ParameterMap } from './parameters.js';
import { scan, type Scanner } from './scanner.js';

const SDP = 'application/sdp';

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
  /** Seconds. */
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

/** RFC 3261 section 20.16. The caller refuses more than 2^31 - 1, because it can still answer the request. */
export function readCSeq(scanner: Scanner, start: number, end: number): CSeq {
  const numberEnd = scanner.spanEnd(start, end, DIGIT);
  const methodStart = scanner.skipSpace(numberEnd, end);
  const value = scanner.digits(start, numberEnd);
  if (value === undefined || methodStart === numberEnd || !scanner.isAll(methodStart, end, TOKEN)) {
    throw new SipParseError('Bad CSeq', 400);
  }
  return { value, method: METHODS.cut(scanner, methodStart, end) };
}

/** A Call-ID is opaque, so an `@` may stand anywhere. */
export function readCallId(scanner: Scanner, start: number, end: number): string {
  if (!scanner.isAll(start, end, WORD)) throw new SipParseError('Bad Call-ID', 400);
  return scanner.cut(start, end);
}

/** Digits only, up to 2^32 - 1: Expires. */
export function readNumber(scanner: Scanner, start: number, end: number): number {
  const value = scanner.digits(start, end);
  if (value === undefined || value > 0xffffffff) throw new SipParseError('Bad Number', 400);
  return value;
}

/** Undefined if the field is empty, as if it were missing. */
export function readContentLength(scanner: Scanner, start: number, end: number): number | undefined {
  return start === end ? undefined : readNumber(scanner, start, end);
}

/** RFC 3261 section 20.22. */
export function readMaxForwards(scanner: Scanner, start: number, end: number): number {
  const value = readNumber(scanner, start, end);
  if (value > 255) throw new SipParseError('Bad Max-Forwards', 400);
  return value;
}

/**
 * The whole text with its parameters: its meaning is up to the receiver of the body. But every spelling of `application/sdp` becomes this
 * one.
 */
export function readContentType(scanner: Scanner, start: number, end: number): string {
  const typeEnd = scanner.spanEnd(start, end, MEDIA_TYPE);
  return scanner.cut(start, typeEnd).toLowerCase() === SDP ? SDP : scanner.cut(start, end);
}

export function parseEvent(text: string): EventValue {
  return scan(text, readEvent);
}

export function readEvent(scanner: Scanner, start: number, end: number): EventValue {
  const [event, params] = tokenAndParameters(scanner, start, end);
  return withParameters({ event: event.toLowerCase() }, params);
}

export function readContentDisposition(scanner: Scanner, start: number, end: number): ContentDisposition {
  const [type, params] = tokenAndParameters(scanner, start, end);
  return withParameters({ type: type.toLowerCase() }, params);
}

export function readSubscriptionState(scanner: Scanner, start: number, end: number): SubscriptionState {
  const [state, { reason, expires, 'retry-after': retryAfter, ...params }] = tokenAndParameters(scanner, start, end);
  const value: SubscriptionState = { state: state.toLowerCase() };
  if (reason !== undefined) value.reason = reason.toLowerCase();
  if (expires !== undefined) value.expires = scan(expires, readNumber);
  if (retryAfter !== undefined) value.retry_after = scan(retryAfter, readNumber);
  return withParameters(value, params);
}

/** RFC 3891 section 6.1. */
export function readReplaces(scanner: Scanner, start: number, end: number): Replaces {
  const semicolon = scanner.find(';', start, end);
  const callIdEnd = scanner.trimmedEnd(start, semicolon === -1 ? end : semicolon);
  const callId = readCallId(scanner, start, callIdEnd);
  const parameters = parameterMap(scanner, callIdEnd, end, undefined);
  const { 'from-tag': fromTag, 'to-tag': toTag, 'early-only': _, ...params } = parameters;
  if (fromTag === undefined || toTag === undefined) throw new SipParseError('Bad Replaces', 400);
  const value: Replaces = { call_id: callId, replaces_from_tag: fromTag, replaces_to_tag: toTag };
  if ('early-only' in parameters) value.early_only = true;
  return withParameters(value, params);
}

/** RFC 4028 section 4. */
export function readSessionExpires(scanner: Scanner, start: number, end: number): SessionExpires {
  const [seconds, { refresher, ...params }] = tokenAndParameters(scanner, start, end);
  const value: SessionExpires = { deltaSeconds: scan(seconds, readNumber) };
  const party = refresher?.toLowerCase();
  if (party === 'uac' || party === 'uas') value.refresher = party;
  return withParameters(value, params);
}

export function readMinSe(scanner: Scanner, start: number, end: number): number {
  return scan(tokenAndParameters(scanner, start, end)[0], readNumber);
}

/** Option tags of Require, Supported and the like; none of them may be empty, but the whole list may. */
export function readTokenList(scanner: Scanner, start: number, end: number): string[] {
  if (start === end) return [];
  const tokens = listParts(scanner, start, end);
  if (!tokens.every((token) => scanner.isAll(token.start, token.end, TOKEN)))
    throw new SipParseError('Bad Token List', 400);
  return tokens.map((token) => scanner.cut(token.start, token.end));
}

function tokenAndParameters(
  scanner: Scanner,
  start: number,
  end: number,
): [token: string, parameters: ParameterMap<undefined>] {
  const tokenEnd = scanner.spanEnd(start, end, TOKEN);
  if (tokenEnd === start) throw new SipParseError('Bad Header', 400);
  return [scanner.cut(start, tokenEnd), parameterMap(scanner, tokenEnd, end, undefined)];
}

/** Leaves out an empty object. */
function withParameters<Value extends object>(
  value: Value,
  params: ParameterMap<undefined>,
): Value & { params?: ParameterMap<undefined> } {
  return Object.keys(params).length === 0 ? value : { ...value, params };
}
