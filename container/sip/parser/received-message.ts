import { IncomingRequestMessage, IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import { SipParseError } from './error.js';
import { canonicalName } from './header-names.js';
import { headerRule } from './header-values.js';
import type { HeaderValue } from './header-values.js';

/** One value of a header field, as sip.js keeps it. */
export interface HeaderEntry {
  raw: string;
  parsed?: HeaderValue;
}

/** By canonical name. Each starts with a capital, so none is that of something every object has. */
export type Headers = Record<string, HeaderEntry[]>;

/** A request of which no header is ever given to sip.js's grammar. */
export class ReceivedRequest extends IncomingRequestMessage {
  override headers: Headers = {};

  /** Typed value of a header field. Undefined where it is not there, has no typed value, or cannot be read. */
  override parseHeader(name: string, index = 0): HeaderValue {
    return typedValue(this.headers, name, index);
  }

  override getHeader(name: string): string | undefined {
    return this.headers[canonicalName(name)]?.[0]?.raw;
  }

  override getHeaders(name: string): string[] {
    return this.headers[canonicalName(name)]?.map((entry) => entry.raw) ?? [];
  }

  override hasHeader(name: string): boolean {
    return this.headers[canonicalName(name)] !== undefined;
  }
}

/** A response of which no header is ever given to sip.js's grammar. */
export class ReceivedResponse extends IncomingResponseMessage {
  override headers: Headers = {};

  /** Typed value of a header field. Undefined where it is not there, has no typed value, or cannot be read. */
  override parseHeader(name: string, index = 0): HeaderValue {
    return typedValue(this.headers, name, index);
  }

  override getHeader(name: string): string | undefined {
    return this.headers[canonicalName(name)]?.[0]?.raw;
  }

  override getHeaders(name: string): string[] {
    return this.headers[canonicalName(name)]?.map((entry) => entry.raw) ?? [];
  }

  override hasHeader(name: string): boolean {
    return this.headers[canonicalName(name)] !== undefined;
  }
}

export type ReceivedMessage = ReceivedRequest | ReceivedResponse;

/** Unlike sip.js, a value that cannot be read stays in the message as text. */
function typedValue(headers: Headers, name: string, index: number): HeaderValue {
  const canonical = canonicalName(name);
  const entry = headers[canonical]?.[index];
  if (entry === undefined || entry.parsed !== undefined) return entry?.parsed;
  try {
    entry.parsed = headerRule(canonical)?.parse(entry.raw);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
  return entry.parsed;
}
