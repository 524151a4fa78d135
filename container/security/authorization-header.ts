import createError from 'http-errors';

export type DigestAlgorithm = 'SHA-256' | 'MD5';

export interface BasicCredentials {
  readonly scheme: 'Basic';
  readonly name: string;
  readonly password: string;
}

/** What a client answers a Digest challenge with (RFC 7616 section 3.4). */
export interface DigestCredentials {
  readonly scheme: 'Digest';
  readonly name: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly algorithm: DigestAlgorithm;
  readonly cnonce: string;
  /** As it was sent: eight hexadecimal digits. */
  readonly nc: string;
  readonly response: string;
}

export type Credentials = BasicCredentials | DigestCredentials;

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** `auth-param` of RFC 9110 section 11.2, with what separates it from the next one. */
const PARAMETER = new RegExp(
  `[ \\t]*(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))[ \\t]*(?:,[ \\t]*|$)`,
  'y',
);

/**
 * Reads an Authorization header.
 * @returns undefined for a scheme other than Basic and Digest
 * @throws HttpError 400 when it is Digest without `qop=auth`, or is not well-formed
 */
export function parseAuthorization(header: string): Credentials | undefined {
  // Node reads the bytes of a header as Latin-1; we offer charset=UTF-8 (RFC 7616 section 3.3).
  const text = Buffer.from(header, 'latin1').toString('utf8');
  const [, scheme = '', rest = ''] = /^([A-Za-z]+) +(.*)$/s.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      return parseBasic(rest.trim());
    case 'digest':
      return parseDigest(parameters(rest));
    case '':
      throw malformed('Basic or Digest credentials');
    default:
      return undefined;
  }
}

/** RFC 7617: the name ends at the first colon. */
function parseBasic(token: string): BasicCredentials {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== token.replace(/=+$/, '')) throw malformed('base64');
  const text = utf8(bytes);
  const colon = text.indexOf(':');
  if (colon < 0 || /\p{Cc}/u.test(text)) throw malformed('name:password');
  return { scheme: 'Basic', name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('UTF-8');
  }
}

function parseDigest(values: ReadonlyMap<string, string>): DigestCredentials {
  const given = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw malformed(`Digest credentials with ${name}`);
    return value;
  };
  if (given('qop').toLowerCase() !== 'auth') throw malformed('qop=auth');
  if (values.get('userhash')?.toLowerCase() === 'true') throw malformed('the user name as it is, not as a hash');
  const nc = given('nc');
  if (!/^[0-9a-f]{8}$/i.test(nc) || /^0+$/.test(nc)) throw malformed('nc of eight hexadecimal digits, from 00000001');
  return {
    scheme: 'Digest',
    name: given('username'),
    realm: given('realm'),
    nonce: given('nonce'),
    uri: given('uri'),
    algorithm: algorithmOf(values.get('algorithm')),
    cnonce: given('cnonce'),
    nc,
    response: given('response'),
  };
}

/** MD5 is what a client means that names no algorithm (RFC 7616 section 3.4). */
function algorithmOf(name = 'MD5'): DigestAlgorithm {
  const algorithm = name.toUpperCase();
  if (algorithm === 'MD5' || algorithm === 'SHA-256') return algorithm;
  throw malformed('algorithm SHA-256 or MD5');
}

function parameters(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const pattern = new RegExp(PARAMETER);
  while (pattern.lastIndex < text.length) {
    const [, name = '', quoted, token] = pattern.exec(text) ?? [];
    if (name === '') throw malformed('parameters as name=value, separated by commas');
    if (values.has(name.toLowerCase())) throw malformed(`${name} once`);
    values.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  return values;
}

/** The error shows what was expected and nothing of what came: it may be a password. */
function malformed(expected: string): Error {
  return createError(400, `Authorization must have ${expected}`);
}
