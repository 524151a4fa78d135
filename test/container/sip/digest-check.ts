import { createHash } from 'node:crypto';

/** Parameters of an Authorization header; quoted ones without their quotes, escapes kept. */
export function parameters(header: string): Record<string, string> {
  const found = header.matchAll(/([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))/g);
  return Object.fromEntries([...found].map(([, name = '', quoted, bare = '']) => [name, quoted ?? bare]));
}

/** What the response of a credential should be, as the server computes it (RFC 7616 section 3.4). */
export function expectedResponse(header: string, method: string, password: string, body = ''): string {
  const { username, realm, nonce, uri, nc, cnonce, qop, algorithm = 'MD5' } = parameters(header);
  const hash = (text: string): string =>
    createHash(algorithm.startsWith('SHA-256') ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const ha1 = hash(`${username}:${realm}:${password}`);
  const key = algorithm.endsWith('-sess') ? hash(`${ha1}:${nonce}:${cnonce}`) : ha1;
  const ha2 = hash(qop === 'auth-int' ? `${method}:${uri}:${hash(body)}` : `${method}:${uri}`);
  return hash(qop ? `${key}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}` : `${key}:${nonce}:${ha2}`);
}
