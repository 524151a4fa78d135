import type { NameAddrHeader } from 'sip.js/lib/core/index.js';
import { parseChallenge } from './challenge.js';
import type { Challenge } from './challenge.js';
import { parseNameAddr } from './name-addr.js';
import {
  parseCSeq,
  parseCallId,
  parseContentDisposition,
  parseContentType,
  parseEvent,
  parseMaxForwards,
  parseMinSe,
  parseNumber,
  parseReplaces,
  parseSessionExpires,
  parseSubscriptionState,
  parseTokenList,
} from './values.js';
import type { CSeq, ContentDisposition, EventValue, Replaces, SessionExpires, SubscriptionState } from './values.js';
import { parseVia } from './via.js';
import type { Via } from './via.js';

/** What the typed value of a header field can be. Undefined: it has none, or could not be read. */
export type HeaderValue =
  | Via
  | NameAddrHeader
  | CSeq
  | Challenge
  | EventValue
  | ContentDisposition
  | SubscriptionState
  | Replaces
  | SessionExpires
  | string
  | string[]
  | number
  | undefined;

/** How one header field is read. */
export interface HeaderRule {
  readonly parse: (text: string) => HeaderValue;
  /** Read with the message, which is refused when it cannot be; the others are read when somebody asks for them. */
  readonly eager?: true;
  /** A second one in the message is an error. */
  readonly single?: true;
  /** Commas separate values (RFC 3261 section 7.3.1), and each becomes an entry of its own. */
  readonly list?: true;
}

const RULES: Record<string, HeaderRule> = {
  Via: { parse: parseVia, eager: true, list: true },
  Contact: { parse: parseContact, eager: true, list: true },
  Route: { parse: parseNameAddr, eager: true, list: true },
  'Record-Route': { parse: parseNameAddr, eager: true, list: true },
  From: { parse: parseNameAddr, eager: true, single: true },
  To: { parse: parseNameAddr, eager: true, single: true },
  'Call-ID': { parse: parseCallId, eager: true, single: true },
  CSeq: { parse: parseCSeq, eager: true, single: true },
  'Max-Forwards': { parse: parseMaxForwards, eager: true, single: true },
  'Content-Length': { parse: parseNumber, eager: true },
  'Content-Type': { parse: parseContentType, eager: true, single: true },
  'Refer-To': { parse: parseNameAddr, eager: true, single: true },
  'Referred-By': { parse: parseNameAddr, single: true },
  Replaces: { parse: parseReplaces, single: true },
  Event: { parse: parseEvent, single: true },
  'Subscription-State': { parse: parseSubscriptionState, single: true },
  'Content-Disposition': { parse: parseContentDisposition },
  'Session-Expires': { parse: parseSessionExpires },
  'Min-SE': { parse: parseMinSe },
  Expires: { parse: parseNumber },
  'Min-Expires': { parse: parseNumber },
  'WWW-Authenticate': { parse: parseChallenge },
  'Proxy-Authenticate': { parse: parseChallenge },
  Require: { parse: parseTokenList },
  'Proxy-Require': { parse: parseTokenList },
  Supported: { parse: parseTokenList },
  Unsupported: { parse: parseTokenList },
  Allow: { parse: parseTokenList },
};

const rules = new Map(Object.entries(RULES));

/** The rule of a header field by its canonical name; undefined: its value is text and nothing else. */
export function headerRule(canonicalName: string): HeaderRule | undefined {
  return rules.get(canonicalName);
}

/** `*` stands for all contacts of a REGISTER (RFC 3261 section 10.2.2) and has no typed value. */
function parseContact(text: string): HeaderValue {
  return text === '*' ? undefined : parseNameAddr(text);
}
