import { createHash, randomBytes } from 'node:crypto';
import type { IncomingResponseMessage, OutgoingRequestMessage } from 'sip.js/lib/core/index.js';
import { LazyMap } from '../message/lazy-map.js';
import { oneLine } from '../message/messages.js';
import type { Challenge } from '../message/parser/index.js';

/** What a user can answer a challenge with: the clear password, or HA1 = MD5(userName:realm:password) of one realm. */
export interface DigestSecret {
  readonly userName: string;
  readonly password?: string;
  readonly ha1?: { readonly realm: string; readonly value: string };
}

/** A Digest challenge that can be answered. Quoted values are as they came, escapes kept. */
type DigestChallenge = Challenge & { readonly realm: string; readonly nonce: string };

interface Session {
  readonly challenge: DigestChallenge;
  readonly algorithm: Algorithm;
  readonly header: HeaderName;
  nonceCount: number;
}

const HEADERS = ['authorization', 'proxy-authorization'] as const;
type HeaderName = (typeof HEADERS)[number];

type Algorithm = 'MD5' | 'SHA-256';
const HASHES: Readonly<Record<Algorithm, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

/** A server that calls every nonce stale is answered no more often than this for one request. */
const MAX_STALE_ANSWERS = 3;
/** One that challenges for ever new realms is not believed. */
const MAX_REALMS = 8;

/**
 * Digest authentication as a client (RFC 3261 section 22, RFC 7616, RFC 8760) for all requests of one leg. It remembers each
 * realm's nonce, and sends it along with later requests so that they are not challenged again (RFC 3261 section 22.3).
 */
export class DigestClient {
  /** By header and realm: a proxy and a telephone may challenge side by side. */
  readonly #sessions = new LazyMap<string, Session>();

  /** @throws TypeError where the user name cannot stand in a header */
  constructor(
    private readonly secret: DigestSecret | undefined,
    private readonly newCnonce: () => string = randomCnonce,
  ) {
    if (secret) oneLine(secret.userName, 'the SIP user name');
  }

  /** Adds credentials for the realms that have challenged before. */
  authorize(request: OutgoingRequestMessage): void {
    if (this.#sessions.size === 0) return;
    for (const header of HEADERS) {
      const values = this.#credentialsIn(header, request.method, request.ruri.toRaw());
      if (values.length > 0) request.setHeader(header, values);
    }
  }

  /** The same as header lines, for a request that sip.js makes and sends in one go. */
  authorizationLines(method: string, requestUri: string): string[] {
    if (this.#sessions.size === 0) return [];
    return HEADERS.flatMap((header) =>
      this.#credentialsIn(header, method, requestUri).map((value) => `${header}: ${value}`),
    );
  }

  /**
   * Takes the challenges of a 401 or 407 for the credentials of the requests that follow.
   *
   * @param attempts how often each realm was answered for this request; the caller keeps it beside the request
   * @returns false when the challenge cannot be answered, or was answered already: the response is final
   */
  accept(response: IncomingResponseMessage, attempts: Map<string, number>): boolean {
    const header = response.statusCode === 401 ? 'authorization' : 'proxy-authorization';
    const challenges = supportedChallenges(response, this.secret);
    for (const challenge of challenges) {
      const key = `${header} ${challenge.realm}`;
      const count = attempts.get(key) ?? 0;
      if (count > 0 && !(challenge.stale && count <= MAX_STALE_ANSWERS)) return false;
      const known = this.#sessions.get(key);
      if (!known && this.#sessions.size >= MAX_REALMS) return false;
      attempts.set(key, count + 1);
      // The count belongs to the nonce: with one that comes again it goes on (RFC 7616 section 3.4).
      const nonceCount = known && known.challenge.nonce === challenge.nonce ? known.nonceCount : 0;
      this.#sessions.set(key, { challenge, header, nonceCount, algorithm: algorithmOf(challenge) ?? 'MD5' });
    }
    return challenges.length > 0;
  }

  #credentialsIn(header: HeaderName, method: string, uri: string): string[] {
    const sessions = [...this.#sessions.values()].filter((session) => session.header === header);
    return sessions.map((session) => this.#credentials(session, method, uri));
  }

  #credentials(session: Session, method: string, uri: string): string {
    const { challenge, algorithm } = session;
    const hash = (text: string): string => createHash(HASHES[algorithm]).update(text).digest('hex');
    const ha1 = this.#ha1(challenge.realm, hash);
    const ha2 = hash(`${method}:${uri}`);
    const fields = [
      `username="${quote(this.secret?.userName ?? '')}"`,
      `realm="${challenge.realm}"`,
      `nonce="${challenge.nonce}"`,
      `uri="${uri}"`,
      `algorithm=${algorithm}`,
    ];
    if (offersAuth(challenge)) {
      session.nonceCount += 1;
      const nc = session.nonceCount.toString(16).padStart(8, '0');
      const cnonce = this.newCnonce();
      fields.push('qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`);
      fields.push(`response="${hash(`${ha1}:${challenge.nonce}:${nc}:${cnonce}:auth:${ha2}`)}"`);
    } else {
      fields.push(`response="${hash(`${ha1}:${challenge.nonce}:${ha2}`)}"`);
    }
    if (challenge.opaque !== undefined) fields.push(`opaque="${challenge.opaque}"`);
    return `Digest ${fields.join(', ')}`;
  }

  #ha1(realm: string, hash: (text: string) => string): string {
    const { secret } = this;
    if (secret?.password !== undefined) return hash(`${secret.userName}:${realm}:${secret.password}`);
    return secret?.ha1?.value ?? '';
  }
}

/** The topmost challenge of each realm that the secret can answer (RFC 8760 section 2.4). */
function supportedChallenges(response: IncomingResponseMessage, secret: DigestSecret | undefined): DigestChallenge[] {
  if (!secret) return [];
  const name = response.statusCode === 401 ? 'www-authenticate' : 'proxy-authenticate';
  const byRealm = new Map<string, DigestChallenge>();
  for (const index of response.getHeaders(name).keys()) {
    const challenge = response.parseHeader(name, index) as Challenge | undefined;
    if (challenge && canAnswer(challenge, secret) && !byRealm.has(challenge.realm))
      byRealm.set(challenge.realm, challenge);
  }
  return [...byRealm.values()];
}

function canAnswer(challenge: Challenge, secret: DigestSecret): challenge is DigestChallenge {
  const algorithm = algorithmOf(challenge);
  if (!algorithm || !challenge.realm || !challenge.nonce) return false;
  if (challenge.qop?.length && !offersAuth(challenge)) return false;
  if (secret.password !== undefined) return true;
  return algorithm === 'MD5' && secret.ha1?.realm === challenge.realm;
}

function algorithmOf(challenge: Challenge): Algorithm | undefined {
  const name = challenge.algorithm ?? 'MD5';
  return name === 'MD5' || name === 'SHA-256' ? name : undefined;
}

function offersAuth({ qop }: Challenge): boolean {
  return qop?.includes('auth') ?? false;
}

/** The text of a quoted-string (RFC 3261 section 25.1). */
function quote(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}

function randomCnonce(): string {
  return randomBytes(8).toString('hex');
}
