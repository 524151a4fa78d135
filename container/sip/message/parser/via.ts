import { COLON, DIGIT, SLASH, TOKEN } from './characters.js';
import { SipParseError } from './error.js';
import { hostEnd, hostType, portOf } from './host.js';
import type { HostType } from './host.js';
import { Names } from './name-table.js';
import { keep, readParameters } from './parameters.js';
import type { ParameterKeeper, ParameterMap } from './parameters.js';
import { codeAt, cut, digits, isAll, reading, skipSpace, spanEnd } from './reading.js';

/** One value of Via (RFC 3261 section 20.42), with the names that sip.js gives its parts. */
export interface Via {
  /** Protocol name without its version: `SIP`. */
  protocol: string;
  /** As written: `UDP`. */
  transport: string;
  host_type: HostType;
  /** Sent-by; an IPv6 address with its brackets. */
  host: string;
  /** Undefined where the sent-by has none: not the default of the transport. */
  port?: number;
  branch?: string;
  /** Address without brackets where the sender of the parameter left them out. */
  received?: string;
  /** Empty where the parameter has no value: the client asks for it (RFC 3581). sip.js has it in `params` then. */
  rport?: string;
  maddr?: string;
  ttl?: number;
  /** Other parameters; undefined where one has no value. */
  params?: ParameterMap<undefined>;
}

/** A class has room for what comes later, where a literal would need a second object. */
class ReceivedVia implements Via, ParameterKeeper {
  protocol: string;
  transport: string;
  host_type: HostType;
  host: string;
  declare port?: number;
  declare branch?: string;
  declare received?: string;
  declare rport?: string;
  declare maddr?: string;
  declare ttl?: number;
  declare params?: ParameterMap<undefined>;

  constructor(protocol: string, transport: string, type: HostType, host: string) {
    this.protocol = protocol;
    this.transport = transport;
    this.host_type = type;
    this.host = host;
  }

  keep(name: string, start: number, end: number): void {
    if (name === 'rport') this.rport = same(this.rport, portDigits(start, end));
    else if (start === end) keep((this.params ??= {}), name, undefined);
    else if (name === 'branch') this.branch = same(this.branch, branch(start, end));
    else if (name === 'received') this.received = same(this.received, address(start, end));
    else if (name === 'maddr') this.maddr = same(this.maddr, multicastHost(start, end));
    else if (name === 'ttl') this.ttl = same(this.ttl, ttl(start, end));
    else keep((this.params ??= {}), name, cut(start, end));
  }
}

/** They are other parameters where they have no value. */
const VALUED = ['branch', 'received', 'maddr', 'ttl'] as const;
const PROTOCOLS = new Names('SIP', 'UDP', 'TCP', 'TLS');

/**
 * Reads one value of Via.
 * @throws SipParseError where the range is none
 */
export function readVia(from: number, end: number): Via {
  const start = skipSpace(from, end);
  const protocolEnd = tokenEnd(start, end);
  const versionStart = afterSlash(protocolEnd, end);
  const versionEnd = tokenEnd(versionStart, end);
  const transportStart = afterSlash(versionEnd, end);
  const transportEnd = tokenEnd(transportStart, end);
  const hostStart = skipSpace(transportEnd, end);
  if (hostStart === transportEnd) throw new SipParseError('Bad Via', 400);
  const hostStop = hostEnd(hostStart, end);
  const type = hostType(hostStart, hostStop);
  const protocol = PROTOCOLS.cut(start, protocolEnd);
  const via = new ReceivedVia(protocol, PROTOCOLS.cut(transportStart, transportEnd), type, cut(hostStart, hostStop));
  readParameters(readPort(via, skipSpace(hostStop, end), end), end, via);
  if (via.params !== undefined) checkNamedOnce(via, via.params);
  return via;
}

/** One that comes with a value and without leaves open which is meant. */
function checkNamedOnce(via: Via, others: ParameterMap<undefined>): void {
  const isTwice = VALUED.some((name) => via[name] !== undefined && Object.hasOwn(others, name));
  if (isTwice) throw new SipParseError('Contradictory Parameters', 400);
}

function tokenEnd(start: number, end: number): number {
  const position = spanEnd(start, end, TOKEN);
  if (position === start) throw new SipParseError('Bad Via', 400);
  return position;
}

function afterSlash(start: number, end: number): number {
  const slash = skipSpace(start, end);
  if (codeAt(slash) !== SLASH) throw new SipParseError('Bad Via', 400);
  return skipSpace(slash + 1, end);
}

/** White space may stand around the colon here, unlike in a URI. */
function readPort(via: Via, colon: number, end: number): number {
  if (colon === end || codeAt(colon) !== COLON) return colon;
  const start = skipSpace(colon + 1, end);
  const portStop = spanEnd(start, end, DIGIT);
  via.port = portOf(start, portStop);
  return portStop;
}

/** Two values would leave open which is meant. */
function same<Value>(before: Value | undefined, value: Value): Value {
  if (before !== undefined && before !== value) throw new SipParseError('Contradictory Parameters', 400);
  return value;
}

function branch(start: number, end: number): string {
  if (!isAll(start, end, TOKEN)) throw new SipParseError('Bad Via Branch', 400);
  return cut(start, end);
}

function portDigits(start: number, end: number): string {
  if (start === end) return '';
  const port = digits(start, end);
  if (port === undefined || port > 65535) throw new SipParseError('Bad Via Port', 400);
  return cut(start, end);
}

function ttl(start: number, end: number): number {
  const number = digits(start, end);
  if (number === undefined || number > 255) throw new SipParseError('Bad Via TTL', 400);
  return number;
}

function multicastHost(start: number, end: number): string {
  hostType(start, end);
  return cut(start, end);
}

/** RFC 3261's grammar has no brackets around an IPv6 address here; RFC 5118 section 4.5 says to accept them. */
function address(start: number, end: number): string {
  const value = cut(start, end);
  const isIPv6 = value.includes(':') && !value.startsWith('[');
  const type = isIPv6 ? reading(`[${value}]`, hostType) : hostType(start, end);
  if (type === 'domain') throw new SipParseError('Bad Via Address', 400);
  return value;
}
