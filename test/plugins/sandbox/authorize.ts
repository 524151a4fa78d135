import { createHash } from 'node:crypto';

export interface Attempt {
  readonly method: string;
  readonly uri: string;
  readonly userName: string;
  readonly password: string;
}

/** A client's answer to a challenge (RFC 2617 section 3.2.2), written apart from the code under test. */
export function authorize(challenge: string, { method, uri, userName, password }: Attempt): string {
  const realm = /realm="([^"]*)"/.exec(challenge)![1]!;
  const nonce = /nonce="([^"]*)"/.exec(challenge)![1]!;
  const secret = md5(`${userName}:${realm}:${password}`);
  const response = md5(`${secret}:${nonce}:00000001:c0ffee:auth:${md5(`${method}:${uri}`)}`);
  return (
    `Digest username="${userName}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", ` +
    'algorithm=MD5, qop=auth, nc=00000001, cnonce="c0ffee"'
  );
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
