import { createHash } from 'node:crypto';
import { SipPeer } from '../sip-peer.js';
import type { Kamailio, SipUser } from './kamailio.js';

let registrations = 0;

/** Registers a simulated telephone with a proxy, so that calls to the user reach this port on 127.0.0.1. */
export async function register(proxy: Kamailio, user: SipUser, phonePort: number): Promise<void> {
  const peer = await SipPeer.open();
  const uri = `sip:${proxy.domain}`;
  const address = `<sip:${user.userName}@${proxy.domain}>`;
  const callId = `registration-${++registrations}@127.0.0.1`;
  const attempt = (cseq: number, headers: readonly string[]): string =>
    peer.request(
      {
        method: 'REGISTER',
        uri,
        callId,
        cseq,
        from: `${address};tag=phone`,
        to: address,
        contact: `<sip:${user.userName}@127.0.0.1:${phonePort}>`,
        headers: ['Expires: 600', ...headers],
      },
      proxy.port,
    );
  try {
    attempt(1, []);
    const challenge = (await peer.take('401 REGISTER')).header('WWW-Authenticate');
    attempt(2, [credentials(challenge, user, uri)]);
    await peer.take('200 REGISTER');
  } finally {
    await peer.close();
  }
}

/** The answer to a challenge with MD5 and `qop=auth` (RFC 7616 section 3.4). */
function credentials(challenge: string, { userName, password }: SipUser, uri: string): string {
  const [, realm = ''] = /realm="([^"]+)"/.exec(challenge) ?? [];
  const [, nonce = ''] = /nonce="([^"]+)"/.exec(challenge) ?? [];
  const secret = md5(`${userName}:${realm}:${password}`);
  const response = md5(`${secret}:${nonce}:00000001:phone:auth:${md5(`REGISTER:${uri}`)}`);
  return (
    `Authorization: Digest username="${userName}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=MD5, ` +
    `qop=auth, nc=00000001, cnonce="phone", response="${response}"`
  );
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
