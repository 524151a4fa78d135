import { createHash } from 'node:crypto';
import { ask, type ExchangeOptions, type Reply, requestText } from './exchange.js';

export type Algorithm = 'SHA-256' | 'MD5';

/** Fields of a Digest header; `undefined` leaves one out. */
export type DigestFields = Record<string, string | undefined>;

export interface DigestLogin {
  readonly userName: string;
  readonly pin: string;
  readonly method: string;
  readonly target: string;
  readonly nonce: string;
  readonly algorithm?: Algorithm;
  readonly realm?: string;
  readonly nc?: string;
  /** Values for the response hash that differ from the fields sent. */
  readonly hashed?: Partial<Record<'method' | 'uri' | 'realm' | 'algorithm' | 'ha1', string>>;
  /** Sent instead of the correct value. */
  readonly sent?: DigestFields;
}

const unquoted = new Set(['algorithm', 'qop', 'nc', 'userhash']);
const cnonce = '0a4f113b';

/** An Authorization field as a client makes it (RFC 7616 section 3.4), or as an attacker would. */
export function digest(login: DigestLogin): string {
  const { userName, pin, method, target, nonce, algorithm = 'SHA-256', realm = 'example.com', nc = '00000001' } = login;
  const used = { method, uri: target, realm, algorithm, ...login.hashed };
  const hash = (text: string) =>
    createHash(used.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const ha1 = used.ha1 ?? hash(`${userName}:${used.realm}:${pin}`);
  const response = hash(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${hash(`${used.method}:${used.uri}`)}`);
  const fields: DigestFields = {
    username: userName,
    realm,
    nonce,
    uri: target,
    response,
    algorithm,
    qop: 'auth',
    nc,
    cnonce,
    ...login.sent,
  };
  const written = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (unquoted.has(name) ? `${name}=${value}` : `${name}="${value}"`));
  return `Authorization: Digest ${written.join(', ')}`;
}

/** The nonce of a new challenge. */
export async function newNonce(port: number, options: ExchangeOptions = {}): Promise<string> {
  return nonceOf(await ask(port, requestText('GET', '/callcontroller/user1/user2'), options));
}

/** The nonce of an answer's first challenge. */
export function nonceOf(reply: Reply): string {
  const [challenge = ''] = reply.headers('www-authenticate');
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1];
  if (nonce === undefined) throw new Error(`${reply.status}, no nonce: ${challenge}`);
  return nonce;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
