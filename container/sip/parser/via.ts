import { SLASH, SPACE, TAB, TOKEN, digits, skipSpace, spanEnd, trimmedEnd } from './characters.js';
import { SipParseError } from './error.js';
import { hostEnd, hostType, portAfter } from './host.js';
import type { HostType } from './host.js';
import { namesOf } from './name-table.js';
import { parseParameters } from './parameters.js';
import type { ParameterMap } from './parameters.js';

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
class ReceivedVia implements Via {
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
}

const PROTOCOLS = namesOf('SIP', 'UDP', 'TCP', 'TLS');

/**
 * Parses one value of Via.
 * @throws SipParseError where it is none
 */
export function parseVia(text: string): Via {
  const end = text.length;
  const start = skipSpace(text, 0, end);
  const protocolEnd = tokenEnd(text, start);
  const versionStart = afterSlash(text, protocolEnd);
  const versionEnd = tokenEnd(text, versionStart);
  const transportStart = afterSlash(text, versionEnd);
  const transportEnd = tokenEnd(text, transportStart);
  const hostStart = skipSpace(text, transportEnd, end);
  if (hostStart === transportEnd) throw new SipParseError('Bad Via', 400);
  const semicolon = text.indexOf(';', hostStart);
  const sentByEnd = trimmedEnd(text, hostStart, semicolon === -1 ? end : semicolon);
  const protocol = PROTOCOLS.cut(text, start, protocolEnd);
  const via = sentBy(text, hostStart, sentByEnd, protocol, PROTOCOLS.cut(text, transportStart, transportEnd));
  if (semicolon !== -1) addParameters(via, parseParameters(text, semicolon, undefined));
  return via;
}

function tokenEnd(text: string, start: number): number {
  const position = spanEnd(text, start, text.length, TOKEN);
  if (position === start) throw new SipParseError('Bad Via', 400);
  return position;
}

function afterSlash(text: string, start: number): number {
  const slash = skipSpace(text, start, text.length);
  if (text.charCodeAt(slash) !== SLASH) throw new SipParseError('Bad Via', 400);
  return skipSpace(text, slash + 1, text.length);
}

/** White space may stand around the colon here, unlike in a URI. */
function sentBy(text: string, start: number, end: number, protocol: string, transport: string): ReceivedVia {
  for (let position = start; position < end; position += 1) {
    const code = text.charCodeAt(position);
    if (code !== SPACE && code !== TAB) continue;
    const colon = text.lastIndexOf(':', end - 1);
    const compact = `${text.slice(start, colon).trimEnd()}:${text.slice(colon + 1, end).trimStart()}`;
    return viaOf(compact, 0, compact.length, protocol, transport);
  }
  return viaOf(text, start, end, protocol, transport);
}

function viaOf(text: string, start: number, end: number, protocol: string, transport: string): ReceivedVia {
  const colon = hostEnd(text, start, end);
  const port = portAfter(text, colon, end);
  const type = hostType(text, start, colon);
  const via = new ReceivedVia(protocol, transport, type, text.slice(start, colon));
  if (port !== undefined) via.port = port;
  return via;
}

function addParameters(via: Via, parameters: ParameterMap<undefined>): void {
  for (const name in parameters) {
    const value = parameters[name];
    if (name === 'rport') via.rport = portDigits(value);
    else if (value === undefined) (via.params ??= {})[name] = value;
    else if (name === 'branch') via.branch = branch(value);
    else if (name === 'received') via.received = address(value);
    else if (name === 'maddr') via.maddr = multicastHost(value);
    else if (name === 'ttl') via.ttl = ttl(value);
    else (via.params ??= {})[name] = value;
  }
}

function branch(value: string): string {
  if (spanEnd(value, 0, value.length, TOKEN) !== value.length) throw new SipParseError('Bad Via Branch', 400);
  return value;
}

function portDigits(value: string | undefined): string {
  if (value === undefined) return '';
  const port = digits(value, 0, value.length);
  if (port === undefined || port > 65535) throw new SipParseError('Bad Via Port', 400);
  return value;
}

function ttl(value: string): number {
  const number = digits(value, 0, value.length);
  if (number === undefined || number > 255) throw new SipParseError('Bad Via TTL', 400);
  return number;
}

function multicastHost(value: string): string {
  hostType(value, 0, value.length);
  return value;
}

/** RFC 3261's grammar has no brackets around an IPv6 address here; RFC 5118 section 4.5 says to accept them. */
function address(value: string): string {
  const reference = value.includes(':') && !value.startsWith('[') ? `[${value}]` : value;
  if (hostType(reference, 0, reference.length) === 'domain') throw new SipParseError('Bad Via Address', 400);
  return value;
}
