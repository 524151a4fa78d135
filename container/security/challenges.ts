import createError from 'http-errors';
import type { Manifest } from '../plugins/manifest.js';
import type { DigestAlgorithm } from './authorization-header.js';

export type Method = Manifest['remoteAuthenticationMethod'][number];

export interface Challenge {
  readonly realm: string;
  /** What the plugin's manifest names. */
  readonly methods: readonly Method[];
  /** In the order of preference. */
  readonly algorithms: readonly DigestAlgorithm[];
  readonly nonce: string;
  /** The PIN was right, the nonce was not: the client may try again without asking its user. */
  readonly isStale?: boolean;
}

/** 401 with one WWW-Authenticate header for each way to log in, the best first (RFC 7616 section 3.7, RFC 7617). */
export function unauthorized({ realm, methods, algorithms, nonce, isStale }: Challenge): Error {
  // RFC 9110 leaves the charset of a header open: bytes of UTF-8, as charset=UTF-8 says.
  const quotedRealm = `realm="${Buffer.from(realm, 'utf8').toString('latin1')}"`;
  const digests = algorithms.map(
    (algorithm) =>
      `Digest ${quotedRealm}, qop="auth", algorithm=${algorithm}, nonce="${nonce}"${isStale ? ', stale=true' : ''}, charset=UTF-8`,
  );
  const challenges = [
    ...(methods.includes('HTTP-DIGEST') ? digests : []),
    ...(methods.includes('HTTP-BASIC') ? [`Basic ${quotedRealm}, charset="UTF-8"`] : []),
  ];
  return createError(401, 'Log in with your user name and PIN', { headers: { 'WWW-Authenticate': challenges } });
}
