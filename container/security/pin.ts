import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { PinSecret } from '../accounts/users.js';
import type { DigestAlgorithm, DigestCredentials } from './authorization-header.js';

const HASHES: Readonly<Record<DigestAlgorithm, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

/** What nobody's PIN is compared with, so that a user without one takes as long as any. */
const NOBODY = randomBytes(16).toString('hex');

/** Checks a PIN that came in clear. It takes as long for a user without a PIN as for a wrong one. */
export function isPin(secret: PinSecret | undefined, realm: string, pin: string): boolean {
  const { userName = NOBODY } = secret ?? {};
  const isClearPin = isEqual(hash('SHA-256', secret?.pin ?? NOBODY), hash('SHA-256', pin));
  const isHashedPin = isEqual(secret?.ha1 ?? NOBODY, hash('MD5', `${userName}:${realm}:${pin}`));
  if (pin === '') return false;
  return secret?.pin === undefined ? secret?.ha1 !== undefined && isHashedPin : isClearPin;
}

/**
 * Checks a Digest response (RFC 7616 section 3.4.1) against a user's PIN. The nonce is somebody else's business.
 * @param method of the request as received
 */
export function isPinDigest(secret: PinSecret | undefined, digest: DigestCredentials, method: string): boolean {
  const { algorithm, name, realm, nonce, nc, cnonce, uri, response } = digest;
  const ha1FromPin = hash(algorithm, `${name}:${realm}:${secret?.pin ?? NOBODY}`);
  // A stored hash is of the user name: whoever logs in by an alias has hashed something else.
  const stored = algorithm === 'MD5' && name === secret?.userName ? secret.ha1 : undefined;
  const ha1 = secret?.pin === undefined ? (stored ?? NOBODY) : ha1FromPin;
  const ha2 = hash(algorithm, `${method}:${uri}`);
  const expected = hash(algorithm, `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`);
  const isRight = isEqual(expected, response.toLowerCase());
  return isRight && (secret?.pin !== undefined || stored !== undefined);
}

function hash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(HASHES[algorithm]).update(text).digest('hex');
}

/** Compares in a time that does not tell where two texts differ. */
function isEqual(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
