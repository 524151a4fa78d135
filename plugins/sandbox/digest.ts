import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface DigestOptions {
  readonly realm: string;
  /** The password of a user of the domain. */
  readonly passwordOf: (userName: string) => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** `stale`: the secret is right, the nonce is too old. `refused`: anything else that is not `accepted`. */
export type Verdict = 'accepted' | 'stale' | 'refused';

const nonceLifetimeMs = 300_000;

/**
 * HTTP Digest as SIP uses it (RFC 3261 section 22, RFC 2617): MD5, `qop=auth`. It keeps no state: a nonce carries the time
 * at which it was made and a signature, so it serves for every request of its lifetime.
 */
export class Digest {
  private readonly secret = randomBytes(32);

  constructor(private readonly options: DigestOptions) {}

  /** A value for Proxy-Authenticate. */
  challenge(stale: boolean): string {
    const made = `${this.options.now().toString(36)}.${randomBytes(6).toString('hex')}`;
    const nonce = `${made}.${this.sign(made)}`;
    return `Digest realm="${this.options.realm}", nonce="${nonce}", algorithm=MD5, qop="auth"${stale ? ', stale=true' : ''}`;
  }

  /** Whether a Proxy-Authorization value is meant for this domain. */
  concerns(authorization: string): boolean {
    return parameter(authorization, 'realm') === this.options.realm;
  }

  /** Checks a Proxy-Authorization value against the request that carries it. */
  check(authorization: string, method: string, requestUri: string): Verdict {
    if (!/^Digest\s/i.test(authorization) || !this.concerns(authorization)) return 'refused';
    const named = (name: string): string => parameter(authorization, name) ?? '';
    const [userName, nonce, uri] = [named('username'), named('nonce'), named('uri')];
    const [nonceCount, clientNonce, response] = [named('nc'), named('cnonce'), named('response')];
    const password = this.options.passwordOf(userName);
    const algorithm = parameter(authorization, 'algorithm') ?? 'MD5';
    if (password === undefined || uri !== requestUri || algorithm.toUpperCase() !== 'MD5') return 'refused';
    if (named('qop') !== 'auth' || !/^[0-9a-f]{8}$/i.test(nonceCount)) return 'refused';
    if (!this.isOwn(nonce)) return 'refused';
    const ha1 = md5(`${userName}:${this.options.realm}:${password}`);
    const ha2 = md5(`${method}:${uri}`);
    const expected = md5(`${ha1}:${nonce}:${nonceCount}:${clientNonce}:auth:${ha2}`);
    if (!equal(response.toLowerCase(), expected)) return 'refused';
    return this.isExpired(nonce) ? 'stale' : 'accepted';
  }

  private isOwn(nonce: string): boolean {
    const cut = nonce.lastIndexOf('.');
    return equal(nonce.slice(cut + 1), this.sign(nonce.slice(0, cut)));
  }

  private isExpired(nonce: string): boolean {
    const [madeAt = ''] = nonce.split('.');
    return this.options.now() - Number.parseInt(madeAt, 36) > nonceLifetimeMs;
  }

  private sign(made: string): string {
    return createHmac('sha256', this.secret).update(made).digest('hex').slice(0, 32);
  }
}

function parameter(authorization: string, name: string): string | undefined {
  const list = authorization.replace(/^\s*\S+\s+/, '');
  for (const [, key, quoted, token] of list.matchAll(/(?<![a-z])([a-z]+)\s*=\s*(?:"([^"]*)"|([^\s",]+))/gi)) {
    if (key?.toLowerCase() === name) return quoted ?? token;
  }
  return undefined;
}

function md5(text: string): string {
  return createHash('md5').update(text, 'latin1').digest('hex');
}

function equal(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
