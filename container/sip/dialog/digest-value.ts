import { createHash } from 'node:crypto';
import type { Challenge } from '../message/parser/index.js';

/** What answers a challenge: the clear password, or HA1 = MD5(userName:realm:password) of one realm. */
export interface DigestSecret {
  readonly userName: string;
  readonly password?: string;
  readonly ha1?: { readonly realm: string; readonly value: string };
}

/** A Digest challenge that can be answered. Quoted values keep their escapes. */
export type DigestChallenge = Challenge & { readonly realm: string; readonly nonce: string };

interface Algorithm {
  /** As written in the credentials. */
  readonly name: string;
  readonly hash: string;
  /** HA1 is bound to the nonce (RFC 7616 section 3.4.2). */
  readonly isSession: boolean;
  /** The higher, the stronger. */
  readonly strength: number;
}

const MD5: Algorithm = { name: 'MD5', hash: 'md5', isSession: false, strength: 1 };

/** By the name in upper case, as the parser has it. */
const ALGORITHMS = new Map<string, Algorithm>(
  [
    MD5,
    { name: 'MD5-sess', hash: 'md5', isSession: true, strength: 1 },
    { name: 'SHA-256', hash: 'sha256', isSession: false, strength: 2 },
    { name: 'SHA-256-sess', hash: 'sha256', isSession: true, strength: 2 },
  ].map((algorithm) => [algorithm.name.toUpperCase(), algorithm]),
);

/** Strength of a challenge's algorithm; 0 if it is unknown. */
export function strengthOf(challenge: Challenge): number {
  return algorithmOf(challenge)?.strength ?? 0;
}

export function canAnswer(challenge: Challenge, secret: DigestSecret): challenge is DigestChallenge {
  const algorithm = algorithmOf(challenge);
  if (!algorithm || challenge.realm === undefined || challenge.nonce === undefined) return false;
  if (offersQop(challenge) && !qopFor(challenge)) return false;
  if (secret.password !== undefined) return true;
  return algorithm.hash === 'md5' && secret.ha1?.realm === challenge.realm;
}

/** The request that credentials are for. */
export interface DigestedRequest {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
}

/** Number of uses of a nonce, and the client nonce beside it. */
export interface NonceUse {
  readonly count: number;
  readonly cnonce: string;
}

/** The value of an Authorization or Proxy-Authorization header (RFC 7616 section 3.4). */
export function credentialsFor(
  challenge: DigestChallenge,
  secret: DigestSecret,
  request: DigestedRequest,
  { count, cnonce }: NonceUse,
): string {
  const { realm, nonce, opaque } = challenge;
  const { name, hash: hashName, isSession } = algorithmOf(challenge) ?? MD5;
  const hash = (text: string): string => createHash(hashName).update(text).digest('hex');
  const qop = qopFor(challenge);
  const ha1 =
    secret.password === undefined ? (secret.ha1?.value ?? '') : hash(`${secret.userName}:${realm}:${secret.password}`);
  const key = isSession ? hash(`${ha1}:${nonce}:${cnonce}`) : ha1;
  const bodyHash = qop === 'auth-int' ? `:${hash(request.body)}` : '';
  const ha2 = hash(`${request.method}:${request.uri}${bodyHash}`);
  const fields = [`username="${quote(secret.userName)}"`, `realm="${realm}"`, `nonce="${nonce}"`];
  fields.push(`uri="${request.uri}"`, `algorithm=${name}`);
  if (qop) {
    const nc = count.toString(16).padStart(8, '0');
    fields.push(`qop=${qop}`, `nc=${nc}`, `cnonce="${cnonce}"`);
    fields.push(`response="${hash(`${key}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`)}"`);
  } else {
    if (isSession) fields.push(`cnonce="${cnonce}"`);
    fields.push(`response="${hash(`${key}:${nonce}:${ha2}`)}"`);
  }
  if (opaque !== undefined) fields.push(`opaque="${opaque}"`);
  return `Digest ${fields.join(', ')}`;
}

/** An empty value counts as missing. */
function algorithmOf({ algorithm }: Challenge): Algorithm | undefined {
  return algorithm ? ALGORITHMS.get(algorithm) : MD5;
}

function qopFor({ qop }: Challenge): 'auth' | 'auth-int' | undefined {
  if (qop?.includes('auth')) return 'auth';
  return qop?.includes('auth-int') ? 'auth-int' : undefined;
}

/** `qop=""` names none. */
function offersQop({ qop }: Challenge): boolean {
  return qop?.some((value) => value !== '') ?? false;
}

/** The text of a quoted-string (RFC 3261 section 25.1). */
function quote(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}
