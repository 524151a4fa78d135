import type { Address } from './address.js';
import { readChallenge } from './challenge.js';
import type { Challenge } from './challenge.js';
import { canonicalName, spellings } from './header-names.js';
import { readFromOrTo, readTarget } from './loose-address.js';
import { readNameAddr } from './name-addr.js';
import { NameTable } from './name-table.js';
import type { Scanner } from './scanner.js';
import {
  readCSeq,
  readCallId,
  readContentDisposition,
  readContentLength,
  readContentType,
  readEvent,
  readMaxForwards,
  readMinSe,
  readNumber,
  readReplaces,
  readSessionExpires,
  readSubscriptionState,
  readTokenList,
} from './values.js';
import type { CSeq, ContentDisposition, EventValue, Replaces, SessionExpires, SubscriptionState } from './values.js';
import { readVia } from './via.js';
import type { Via } from './via.js';

const STAR = 0x2a;

/** The typed value of a header field; undefined if it has none, or could not be read. */
export type HeaderValue =
  | Via
  | Address
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
  /** Reads a range of the text. */
  readonly read: (scanner: Scanner, start: number, end: number) => HeaderValue;
  /**
   * Read with the message, which is refused if that fails: the fields that identify the call and the transaction, say where the response
   * goes, and delimit the body. All others are read on first use.
   */
  readonly essential?: true;
  /** May occur once: a second essential field is an error, of other fields the first counts. */
  readonly single?: true;
  /** Commas separate values (RFC 3261 section 7.3.1), and each becomes an entry of its own. */
  readonly list?: true;
}

const RULES: Record<string, HeaderRule> = {
  Via: { read: readVia, essential: true, list: true },
  From: { read: readFromOrTo, essential: true, single: true },
  To: { read: readFromOrTo, essential: true, single: true },
  'Call-ID': { read: readCallId, essential: true, single: true },
  CSeq: { read: readCSeq, essential: true, single: true },
  'Content-Length': { read: readContentLength, essential: true },
  Contact: { read: readContact, list: true },
  Route: { read: readTarget, list: true },
  'Record-Route': { read: readTarget, list: true },
  'Max-Forwards': { read: readMaxForwards },
  'Content-Type': { read: readContentType },
  'Refer-To': { read: readNameAddr },
  'Referred-By': { read: readNameAddr },
  Replaces: { read: readReplaces },
  Event: { read: readEvent },
  'Subscription-State': { read: readSubscriptionState },
  'Content-Disposition': { read: readContentDisposition },
  'Session-Expires': { read: readSessionExpires },
  'Min-SE': { read: readMinSe },
  Expires: { read: readNumber },
  'Min-Expires': { read: readNumber },
  'WWW-Authenticate': { read: readChallenge },
  'Proxy-Authenticate': { read: readChallenge },
  Require: { read: readTokenList },
  'Proxy-Require': { read: readTokenList },
  Supported: { read: readTokenList },
  Unsupported: { read: readTokenList },
  Allow: { read: readTokenList },
};

const rules = new Map(Object.entries(RULES));

/** A header field as its name has it. */
export interface HeaderKind {
  /** Canonical. */
  readonly name: string;
  /** Undefined: its value is text and nothing else. */
  readonly rule: HeaderRule | undefined;
}

const kinds = new NameTable(Array.from(spellings, ([spelling, name]) => [spelling, kindOf(name)]));

/** The kind of which the name is in this range of the text. */
export function headerKind(scanner: Scanner, start: number, end: number): HeaderKind {
  return kinds.find(scanner, start, end) ?? kindOf(canonicalName(scanner.cut(start, end)));
}

function kindOf(name: string): HeaderKind {
  return { name, rule: headerRule(name) };
}

/** The rule of a header field by its canonical name. */
export function headerRule(name: string): HeaderRule | undefined {
  return rules.get(name);
}

/** `*` stands for all contacts of a REGISTER (RFC 3261 section 10.2.2) and has no typed value. */
function readContact(scanner: Scanner, start: number, end: number): HeaderValue {
  return end === start + 1 && scanner.codeAt(start) === STAR ? undefined : readTarget(scanner, start, end);
}
