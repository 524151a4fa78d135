import { SEMICOLON, SLASH, TOKEN, digits, skipSpace, spanEnd } from './characters.js';
import { SipParseError } from './error.js';
import { hostType, parseHostPort } from './host.js';
import type { HostPort, HostType } from './host.js';
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

/**
 * Parses one value of Via.
 * @throws SipParseError where it is none
 */
export function parseVia(text: string): Via {
  const end = text.length;
  const protocolEnd = tokenEnd(text, skipSpace(text, 0, end));
  const versionStart = afterSlash(text, protocolEnd);
  const versionEnd = tokenEnd(text, versionStart);
  const transportStart = afterSlash(text, versionEnd);
  const transportEnd = tokenEnd(text, transportStart);
  const hostStart = skipSpace(text, transportEnd, end);
  if (hostStart === transportEnd) throw new SipParseError('Bad Via', 400);
  const semicolon = text.indexOf(';', hostStart);
  const hostEnd = semicolon === -1 ? end : semicolon;
  const { host, hostType: type, port } = sentBy(text.slice(hostStart, hostEnd).trimEnd());
  const via: Via = {
    protocol: text.slice(skipSpace(text, 0, end), protocolEnd),
    transport: text.slice(transportStart, transportEnd),
    host_type: type,
    host,
  };
  if (port !== undefined) via.port = port;
  if (text.charCodeAt(hostEnd) === SEMICOLON) addParameters(via, parseParameters(text, hostEnd, undefined));
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
function sentBy(text: string): HostPort {
  if (!text.includes(' ') && !text.includes('\t')) return parseHostPort(text, 0, text.length);
  const colon = text.lastIndexOf(':');
  const compact = `${text.slice(0, colon).trimEnd()}:${text.slice(colon + 1).trimStart()}`;
  return parseHostPort(compact, 0, compact.length);
}

function addParameters(via: Via, parameters: ParameterMap<undefined>): void {
  for (const [name, value] of Object.entries(parameters)) {
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
  hostType(value);
  return value;
}

/** RFC 3261's grammar has no brackets around an IPv6 address here; RFC 5118 section 4.5 says to accept them. */
function address(value: string): string {
  const bare = value.includes(':') && !value.startsWith('[');
  if (hostType(bare ? `[${value}]` : value) === 'domain') throw new SipParseError('Bad Via Address', 400);
  return value;
}
