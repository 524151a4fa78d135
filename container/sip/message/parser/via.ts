import { COLON, DIGIT, SLASH, TOKEN } from './characters.js';
import { SipParseError } from './error.js';
import { hostEnd, hostType, portOf } from './host.js';
import type { HostType } from './host.js';
import { Names } from './name-table.js';
import { readParameters } from './parameters.js';
import type { ParameterKeeper, ParameterMap } from './parameters.js';
import type { Scanner } from './scanner.js';

/** One value of Via (RFC 3261 section 20.42). */
export interface Via {
  /** Protocol name without its version: `SIP`. */
  protocol: string;
  /** As written, for example `UDP`. */
  transport: string;
  host_type: HostType;
  /** Sent-by; an IPv6 address with its brackets. */
  host: string;
  /** Undefined if the sent-by names none; the default of the transport is not filled in. */
  port?: number;
  branch?: string;
  /** An IPv6 address may lack its brackets, as the sender wrote it. */
  received?: string;
  /** Empty if the parameter has no value: the client asks for it (RFC 3581). */
  rport?: string;
  maddr?: string;
  ttl?: number;
  /** Other parameters; undefined for one without a value. */
  params?: ParameterMap<undefined>;
}

/** A class reserves room for parameters read later; V8 would give a literal a second object for them. */
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

  /** Only the branch must be unambiguous, because it finds the transaction. Of the other parameters the first counts. */
  keep(scanner: Scanner, name: string, start: number, end: number): void {
    if (name === 'branch') return this.#keepBranch(scanner, start, end);
    if (name === 'rport') this.rport ??= scanner.cut(start, end);
    else if (start === end) this.#keepOther(name, undefined);
    else if (name === 'received') this.received ??= scanner.cut(start, end);
    else if (name === 'maddr') this.maddr ??= scanner.cut(start, end);
    else if (name === 'ttl') this.ttl ??= scanner.digits(start, end);
    else this.#keepOther(name, scanner.cut(start, end));
  }

  /** Two different branches would leave open which transaction is meant. */
  #keepBranch(scanner: Scanner, start: number, end: number): void {
    const branch = scanner.cut(start, end);
    if (this.branch !== undefined && this.branch !== branch) throw new SipParseError('Contradictory Parameters', 400);
    this.branch = branch;
  }

  #keepOther(name: string, value: string | undefined): void {
    const params = (this.params ??= {});
    if (!Object.hasOwn(params, name) && name !== '__proto__') params[name] = value;
  }
}

const PROTOCOLS = new Names('SIP', 'UDP', 'TCP', 'TLS');

/**
 * Reads one value of Via.
 * @throws SipParseError if the range is none
 */
export function readVia(scanner: Scanner, from: number, end: number): Via {
  const start = scanner.skipSpace(from, end);
  const protocolEnd = tokenEnd(scanner, start, end);
  const versionStart = afterSlash(scanner, protocolEnd, end);
  const versionEnd = tokenEnd(scanner, versionStart, end);
  const transportStart = afterSlash(scanner, versionEnd, end);
  const transportEnd = tokenEnd(scanner, transportStart, end);
  const hostStart = scanner.skipSpace(transportEnd, end);
  if (hostStart === transportEnd) throw new SipParseError('Bad Via', 400);
  const hostStop = hostEnd(scanner, hostStart, end);
  const type = hostType(scanner, hostStart, hostStop);
  const protocol = PROTOCOLS.cut(scanner, start, protocolEnd);
  const via = new ReceivedVia(
    protocol,
    PROTOCOLS.cut(scanner, transportStart, transportEnd),
    type,
    scanner.cut(hostStart, hostStop),
  );
  readParameters(scanner, readPort(scanner, via, scanner.skipSpace(hostStop, end), end), end, via);
  return via;
}

function tokenEnd(scanner: Scanner, start: number, end: number): number {
  const position = scanner.spanEnd(start, end, TOKEN);
  if (position === start) throw new SipParseError('Bad Via', 400);
  return position;
}

function afterSlash(scanner: Scanner, start: number, end: number): number {
  const slash = scanner.skipSpace(start, end);
  if (scanner.codeAt(slash) !== SLASH) throw new SipParseError('Bad Via', 400);
  return scanner.skipSpace(slash + 1, end);
}

/** Unlike in a URI, white space may stand around the colon. */
function readPort(scanner: Scanner, via: Via, colon: number, end: number): number {
  if (colon === end || scanner.codeAt(colon) !== COLON) return colon;
  const start = scanner.skipSpace(colon + 1, end);
  const portStop = scanner.spanEnd(start, end, DIGIT);
  via.port = portOf(scanner, start, portStop);
  return portStop;
}
