import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { DigestClient, type DigestSecret } from '../../../../container/sip/dialog/digest.js';
import { parseMessage } from '../../../../container/sip/message/parser/index.js';
import { IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import type { Received } from '../../../support/sip-peer.js';
import { Listener, Rig } from '../rig.js';

const credentials = { userName: 'agent', password: 'secret' };

/** A response with challenges, as it comes from the network. */
function challenged(status: 401 | 407, ...challenges: string[]): IncomingResponseMessage {
  const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
  const lines = [
    `SIP/2.0 ${status} Challenge`,
    'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1',
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:b@example.com>;tag=2',
    'Call-ID: 1@example.com',
    'CSeq: 1 INVITE',
    ...challenges.map((challenge) => `${name}: ${challenge}`),
    'Content-Length: 0',
    '',
    '',
  ];
  const message = parseMessage(Buffer.from(lines.join('\r\n')));
  if (!(message instanceof IncomingResponseMessage)) throw new TypeError('not a response');
  return message;
}

/** Parameters of an Authorization header; quoted ones without their quotes, escapes kept. */
function parameters(header: string): Record<string, string> {
  const found = header.matchAll(/([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))/g);
  return Object.fromEntries([...found].map(([, name = '', quoted, bare = '']) => [name, quoted ?? bare]));
}

/** What the response of a credential should be, as the server computes it (RFC 7616 section 3.4.1). */
function expected(header: string, method: string, password: string): string {
  const { username, realm, nonce, uri, nc, cnonce, qop, algorithm } = parameters(header);
  const hash = (text: string): string =>
    createHash(algorithm === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const middle = qop ? `${nc}:${cnonce}:${qop}:` : '';
  return hash(`${hash(`${username}:${realm}:${password}`)}:${nonce}:${middle}${hash(`${method}:${uri}`)}`);
}

function answer(secret: DigestSecret, cnonce: string, ...challenges: string[]): string {
  const client = new DigestClient(secret, () => cnonce);
  expect(client.accept(challenged(401, ...challenges), new Map())).to.equal(true);
  return client.authorizationLines('GET', '/dir/index.html').join('\n');
}

describe('Digest credentials', () => {
  const rfc7616 = ['realm="http-auth@example.org"', 'qop="auth, auth-int"'].join(', ');
  const nonce = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"';
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
  const mufasa = { userName: 'Mufasa', password: 'Circle of Life' };

  it('are those of RFC 7616 section 3.9.1 for MD5', () => {
    const header = answer(mufasa, cnonce, `Digest ${rfc7616}, algorithm=MD5, ${nonce}`);
    expect(parameters(header)['response']).to.equal('8ca523f5e9506fed4657c9700eebdbec');
  });

  it('are those of RFC 7616 section 3.9.1 for SHA-256', () => {
    const header = answer(mufasa, cnonce, `Digest ${rfc7616}, algorithm=SHA-256, ${nonce}`);
    expect(parameters(header)['response']).to.equal('753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
  });

  it('are those of RFC 2617 section 3.5', () => {
    const header = answer(
      { userName: 'Mufasa', password: 'Circle Of Life' },
      '0a4f113b',
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    expect(parameters(header)).to.include({
      response: '6629fae49393a05397450978507c4ef1',
      opaque: '5ccc069c403ebaf9f0171e9517f40e41',
      nc: '00000001',
      qop: 'auth',
    });
  });

  it('have neither qop, nc nor cnonce when the server knows no qop', () => {
    const header = answer(mufasa, cnonce, `Digest realm="r", ${nonce}`);
    expect(parameters(header)).to.not.have.any.keys('qop', 'nc', 'cnonce');
    expect(parameters(header)['response']).to.equal(expected(header, 'GET', mufasa.password));
  });

  it('follow the topmost of two challenges of one realm', () => {
    const sha = `Digest realm="r", ${nonce}, algorithm=SHA-256, qop="auth"`;
    const md5 = `Digest realm="r", ${nonce}, algorithm=MD5, qop="auth"`;
    expect(parameters(answer(mufasa, cnonce, sha, md5))['algorithm']).to.equal('SHA-256');
    expect(parameters(answer(mufasa, cnonce, md5, sha))['algorithm']).to.equal('MD5');
  });

  it('pass over algorithms and schemes that nobody here knows', () => {
    const header = answer(
      mufasa,
      cnonce,
      'Basic realm="r"',
      `Digest realm="r", ${nonce}, algorithm=SHA-512-256, qop="auth"`,
      `Digest realm="r", ${nonce}, algorithm=md5, qop="auth"`,
    );
    expect(parameters(header)).to.include({ algorithm: 'MD5' });
  });

  it('send realm, nonce and opaque back to the letter, escapes included', () => {
    const header = answer(
      mufasa,
      cnonce,
      String.raw`Digest realm="a \"b\" \\c", nonce="n\"1", opaque="o\\", qop="auth"`,
    );
    expect(header).to.include(String.raw`realm="a \"b\" \\c"`);
    expect(header).to.include(String.raw`nonce="n\"1"`);
    expect(header).to.include(String.raw`opaque="o\\"`);
    expect(parameters(header)['response']).to.equal(expected(header, 'GET', mufasa.password));
  });

  it('are not made where only auth-int is offered', () => {
    const client = new DigestClient(mufasa);
    expect(client.accept(challenged(407, `Digest realm="r", ${nonce}, qop="auth-int"`), new Map())).to.equal(false);
  });

  it('are not made without a secret', () => {
    const client = new DigestClient(undefined);
    expect(client.accept(challenged(407, `Digest realm="r", ${nonce}`), new Map())).to.equal(false);
  });

  it('are made from a stored HA1 for its own realm and for MD5 only', () => {
    const ha1 = { realm: 'ours', value: createHash('md5').update('agent:ours:secret').digest('hex') };
    const client = new DigestClient({ userName: 'agent', ha1 });
    const foreign = `Digest realm="theirs", ${nonce}`;
    const sha = `Digest realm="ours", ${nonce}, algorithm=SHA-256`;
    expect(client.accept(challenged(407, foreign), new Map())).to.equal(false);
    expect(client.accept(challenged(407, sha), new Map())).to.equal(false);
    expect(client.accept(challenged(407, sha, foreign, `Digest realm="ours", ${nonce}`), new Map())).to.equal(true);
    const [line = '', ...others] = client.authorizationLines('INVITE', 'sip:b@example.com');
    expect(others).to.deep.equal([]);
    expect(parameters(line)['response']).to.equal(expected(line, 'INVITE', 'secret'));
  });

  it('go on counting when the same nonce comes again, and begin anew with another', () => {
    const client = new DigestClient(credentials);
    const counted = (challenge: string): string | undefined => {
      client.accept(challenged(407, challenge), new Map());
      return parameters(client.authorizationLines('INVITE', 'sip:b@example.com')[0] ?? '')['nc'];
    };
    expect(counted('Digest realm="r", nonce="1", qop="auth"')).to.equal('00000001');
    expect(counted('Digest realm="r", nonce="1", qop="auth"')).to.equal('00000002');
    expect(counted('Digest realm="r", nonce="2", qop="auth"')).to.equal('00000001');
  });

  it('refuse a user name that would begin another header', () => {
    expect(() => new DigestClient({ userName: 'a\r\nVia: x', password: '' })).to.throw(TypeError);
  });
});

function expectCredentials(request: Received, header: string, realm: string): void {
  const value = request.headers(header).find((each) => parameters(each)['realm'] === realm) ?? '';
  const { response, uri, username } = parameters(value);
  expect({ response, uri, username }).to.deep.equal({
    response: expected(value, request.kind, credentials.password),
    uri: request.startLine.split(' ')[1],
    username: 'agent',
  });
}

describe('A challenged call', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.open();
  });

  afterEach(async () => rig.close());

  /** Takes the next INVITE and challenges it. */
  async function challenge(status: 401 | 407, ...challenges: string[]): Promise<Received> {
    const invite = await rig.peer.take('INVITE');
    const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    rig.peer.reply(invite, status, { headers: challenges.map((each) => `${name}: Digest ${each}`) });
    await rig.peer.take('ACK');
    return invite;
  }

  it('is placed again with credentials and the next CSeq, and its ACK carries them', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener, { credentials });
    const first = await challenge(407, 'realm="r", nonce="1", qop="auth"');
    const second = await rig.peer.take('INVITE');
    expectCredentials(second, 'Proxy-Authorization', 'r');
    expect(second.cseq).to.equal(first.cseq + 1);
    expect(second.header('Call-ID')).to.equal(first.header('Call-ID'));
    expect(second.header('From')).to.equal(first.header('From'));
    expect(second.header('Via')).to.not.equal(first.header('Via'));
    rig.peer.reply(second, 200, { body: 'v=0\r\n' });
    await listener.hears('200 final');
    leg.ack();
    const ack = await rig.peer.take('ACK');
    expect(ack.headers('Proxy-Authorization')).to.deep.equal(second.headers('Proxy-Authorization'));
    expect(listener.heard).to.deep.equal(['407', '200 final']);
  });

  it('answers both realms of one 407', async () => {
    rig.invite(new Listener(), { credentials });
    await challenge(407, 'realm="one", nonce="1", qop="auth"', 'realm="two", nonce="2", algorithm=SHA-256');
    const second = await rig.peer.take('INVITE');
    expectCredentials(second, 'Proxy-Authorization', 'one');
    expectCredentials(second, 'Proxy-Authorization', 'two');
  });

  it('answers the proxy and then the telephone', async () => {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    await challenge(407, 'realm="proxy", nonce="1", qop="auth"');
    await challenge(401, 'realm="phone", nonce="2", qop="auth"');
    const third = await rig.peer.take('INVITE');
    expectCredentials(third, 'Proxy-Authorization', 'proxy');
    expectCredentials(third, 'Authorization', 'phone');
    expect(parameters(third.header('Proxy-Authorization'))['nc']).to.equal('00000002');
    expect(listener.heard).to.deep.equal(['407', '401']);
  });

  it('is over when its credentials are refused', async () => {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    await challenge(407, 'realm="r", nonce="1"');
    await challenge(407, 'realm="r", nonce="2"');
    await listener.hears('407 final');
    expect(rig.peer.all('INVITE')).to.have.length(2);
  });

  it('is tried again with the new nonce when the old one was stale', async () => {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    await challenge(407, 'realm="r", nonce="1", qop="auth"');
    await challenge(407, 'realm="r", nonce="2", qop="auth", stale=TRUE');
    const third = await rig.peer.take('INVITE');
    expectCredentials(third, 'Proxy-Authorization', 'r');
    expect(parameters(third.header('Proxy-Authorization'))).to.include({ nonce: '2', nc: '00000001' });
  });

  it('gives up on a proxy that calls every nonce stale', async () => {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    rig.peer.onMessage((message) => {
      const headers = [`Proxy-Authenticate: Digest realm="r", nonce="${message.cseq}", stale=true`];
      if (message.kind === 'INVITE') rig.peer.reply(message, 407, { headers });
    });
    await listener.hears('407 final');
    expect(rig.peer.all('INVITE')).to.have.length(5);
  });

  it('gives up on a proxy that challenges for ever new realms', async () => {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    rig.peer.onMessage((message) => {
      const headers = [`Proxy-Authenticate: Digest realm="r${message.cseq}", nonce="1"`];
      if (message.kind === 'INVITE') rig.peer.reply(message, 407, { headers });
    });
    await listener.hears('407 final');
    expect(rig.peer.all('INVITE').length).to.be.within(2, 10);
  });

  it('is over at the first challenge when there are no credentials', async () => {
    const listener = new Listener();
    rig.invite(listener);
    await challenge(407, 'realm="r", nonce="1"');
    await listener.hears('407 final');
    expect(rig.peer.all('INVITE')).to.have.length(1);
  });

  it('is over when it was cancelled before the challenge came', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener, { credentials });
    const invite = await rig.peer.take('INVITE');
    leg.cancel();
    rig.peer.reply(invite, 407, { headers: ['Proxy-Authenticate: Digest realm="r", nonce="1"'] });
    await listener.hears('407 final');
    expect(rig.peer.all('INVITE').map(({ cseq }) => cseq)).to.deep.equal(rig.peer.all('INVITE').map(() => invite.cseq));
  });

  it('is cancelled by an owner that gives up when it hears of the challenge', async () => {
    const listener = new Listener();
    const leg = rig.invite(
      { onResponse: (response) => (response.status === 407 ? leg.cancel() : listener.onResponse(response)) },
      { credentials },
    );
    await challenge(407, 'realm="r", nonce="1"');
    const second = await rig.peer.take('INVITE');
    rig.peer.reply(second, 180);
    const cancel = await rig.peer.take('CANCEL');
    expect(cancel.cseq).to.equal(second.cseq);
    expect(cancel.header('Via')).to.equal(second.header('Via'));
    rig.peer.reply(cancel, 200);
    rig.peer.reply(second, 487);
    await listener.hears('487 final');
  });

  it('sends its credentials along in the dialog, each time with a higher nc', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener, { credentials });
    await challenge(407, 'realm="r", nonce="1", qop="auth"');
    rig.peer.reply(await rig.peer.take('INVITE'), 200);
    await listener.hears('200 final');
    leg.ack();
    leg.send('INFO');
    leg.send('MESSAGE');
    const info = await rig.peer.take('INFO');
    const message = await rig.peer.take('MESSAGE');
    expectCredentials(info, 'Proxy-Authorization', 'r');
    expectCredentials(message, 'Proxy-Authorization', 'r');
    const counts = [info, message].map((request) => parameters(request.header('Proxy-Authorization'))['nc']);
    expect(counts).to.deep.equal(['00000002', '00000003']);
  });

  it('uses the HA1 that the user directory keeps', async () => {
    await rig.close();
    const value = createHash('md5').update('agent:r:secret').digest('hex');
    rig = await Rig.open({ secret: { userName: 'agent', ha1: { realm: 'r', value } } });
    const account = { userName: 'agent', identity: '', displayName: '', aliases: [], hasSipCredentials: true };
    rig.invite(new Listener(), { credentials: account });
    await challenge(407, 'realm="r", nonce="1", algorithm=SHA-256', 'realm="r", nonce="2", algorithm=MD5');
    const second = await rig.peer.take('INVITE');
    expectCredentials(second, 'Proxy-Authorization', 'r');
  });
});
