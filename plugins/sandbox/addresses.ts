import { isIPv4 } from 'node:net';

/** Where a datagram comes from or goes to. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface SipUri {
  /** Empty if the URI names a host only. */
  readonly user: string;
  readonly host: string;
  readonly port: number | undefined;
}

export interface Via {
  readonly host: string;
  readonly port: number | undefined;
  /** Parameters by lower-case name; a parameter without a value has an empty one. */
  readonly parameters: ReadonlyMap<string, string>;
}

export const defaultSipPort = 5060;

/** Reads a `sip:` URI's user, host and port (RFC 3261 section 19.1). `undefined`: something else, for example `tel:`. */
export function parseUri(text: string): SipUri | undefined {
  const match = /^sip:(?:([^@\s<>"]*)@)?([a-z0-9.-]+)(?::(\d{1,5}))?(?:[;?].*)?$/i.exec(text);
  if (!match) return undefined;
  const [userInfo = ''] = (match[1] ?? '').split(':');
  const user = unescape(userInfo);
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (user === undefined || (port !== undefined && !isPort(port))) return undefined;
  return { user, host: match[2]!.toLowerCase(), port };
}

/** The URI of a header value such as `"User One" <sip:user1@example.com>;tag=1` or `sip:user1@example.com;tag=1`. */
export function uriOf(nameAddress: string): string | undefined {
  const unquoted = nameAddress.replace(/^\s*"(?:[^"\\]|\\.)*"/, '');
  return (/^[^<]*<([^<>]*)>/.exec(unquoted) ?? /^\s*([^\s;<>"]+)/.exec(unquoted))?.[1];
}

/** The `tag` parameter of a From or To value; empty if there is none. */
export function tagOf(nameAddress: string): string {
  const unquoted = nameAddress.replace(/^\s*"(?:[^"\\]|\\.)*"/, '');
  const parameters = unquoted.slice(unquoted.lastIndexOf('>') + 1);
  return /;\s*tag\s*=\s*([^;\s]+)/i.exec(parameters)?.[1] ?? '';
}

export function parseVia(value: string): Via | undefined {
  const match = /^SIP\s*\/\s*2\.0\s*\/\s*[a-z]+\s+([a-z0-9.-]+)(?:\s*:\s*(\d{1,5}))?\s*((?:;.*)?)$/i.exec(value);
  if (!match) return undefined;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && !isPort(port)) return undefined;
  const parameters = match[3]!.split(';').slice(1).map(splitParameter);
  return { host: match[1]!.toLowerCase(), port, parameters: new Map(parameters) };
}

/** Notes in the topmost Via where the request came from (RFC 3261 section 18.2.1, RFC 3581 section 4). */
export function stampVia(value: string, via: Via, source: Endpoint): string {
  const [sentBy = '', ...parameters] = value.split(';');
  const kept = parameters.filter((parameter) => !['', 'received', 'rport'].includes(splitParameter(parameter)[0]));
  const port = via.parameters.has('rport') ? [`rport=${source.port}`] : [];
  return [sentBy.trim(), ...kept, `received=${source.address}`, ...port].join(';');
}

/** Where a response goes by a Via (RFC 3261 section 18.2.2, RFC 3581). Names are not looked up: all of the sandbox is on loopback. */
export function responseEndpoint(via: Via): Endpoint | undefined {
  const address = via.parameters.get('received') ?? via.host;
  const responsePort = via.parameters.get('rport') || String(via.port ?? defaultSipPort);
  const port = /^\d{1,5}$/.test(responsePort) ? Number(responsePort) : 0;
  return isLoopback(address) && isPort(port) ? { address, port } : undefined;
}

export function isLoopback(address: string): boolean {
  return isIPv4(address) && address.startsWith('127.');
}

function isPort(port: number): boolean {
  return port > 0 && port <= 65_535;
}

function splitParameter(parameter: string): [name: string, value: string] {
  const [name = '', value = ''] = parameter.split(/=(.*)/s);
  return [name.trim().toLowerCase(), value.trim()];
}

function unescape(userInfo: string): string | undefined {
  try {
    return decodeURIComponent(userInfo);
  } catch {
    return undefined;
  }
}
