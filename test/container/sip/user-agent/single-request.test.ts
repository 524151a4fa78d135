import { expect } from 'chai';
import { createHash } from 'node:crypto';
import type { OutOfDialogRequest } from '../../../../sdk/index.js';
import { NOTHING_LEFT, nothingLeft, Rig, SDP, T1_MS } from '../rig.js';

const text = { contentType: 'text/plain', content: 'Grüße' };
const message: OutOfDialogRequest = {
  method: 'MESSAGE',
  uri: 'sip:user2@example.com',
  from: { uri: 'sip:agent@example.com', displayName: 'Agent "A"' },
  to: 'sip:user2@example.com',
  body: text,
};

describe('A request outside dialogs', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.open({ secret: { userName: 'agent', password: 'secret' } });
  });

  afterEach(async () => {
    await rig.close();
    expect(rig.log.lines).to.deep.equal([]);
  });

  it('goes through the proxy, a MESSAGE without a Contact, and is forgotten once it is answered', async () => {
    const sending = rig.sip.request({ ...message, headers: [['Subject', 'Hello']] });
    const request = await rig.peer.take('MESSAGE');
    expect(request.startLine).to.equal('MESSAGE sip:user2@example.com SIP/2.0');
    expect(request.header('Route')).to.equal(`<sip:127.0.0.1:${rig.peer.port};lr>`);
    expect(request.header('From')).to.match(/^"Agent \\"A\\"" <sip:agent@example\.com>;tag=\w{16}$/);
    expect(request.header('Subject')).to.equal('Hello');
    expect(request.header('Contact')).to.equal('');
    expect(request.header('Content-Type')).to.equal('text/plain');
    expect(request.body).to.equal('Grüße');
    rig.peer.reply(request, 100);
    rig.peer.reply(request, 202, { headers: ['X-More: yes'] });
    const response = await sending;
    expect(response).to.include({ status: 202, final: true, local: false, method: 'MESSAGE' });
    expect(response.header('X-More')).to.equal('yes');
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
  });

  it('queries the capabilities of the other side by OPTIONS', async () => {
    const sending = rig.sip.request({ ...message, method: 'OPTIONS' });
    const request = await rig.peer.take('OPTIONS');
    expect(request.header('Accept')).to.equal('application/sdp');
    rig.peer.reply(request, 200, { headers: ['Allow: INVITE, BYE'], body: SDP.content });
    const response = await sending;
    expect(response.header('Allow')).to.equal('INVITE, BYE');
    expect(response.body).to.deep.equal(SDP);
  });

  for (const [who, credentials] of [
    [
      'a user of the domain',
      { userName: 'agent', identity: '', displayName: '', aliases: [], hasSipCredentials: true },
    ],
    ['an account that the plugin brings', { userName: 'agent', password: 'secret' }],
  ] as const) {
    it(`answers a challenge for ${who}, and reports only the final response`, async () => {
      const sending = rig.sip.request({ ...message, credentials });
      const first = await rig.peer.take('MESSAGE');
      rig.peer.reply(first, 407, { headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="n1"'] });
      const second = await rig.peer.take('MESSAGE');
      expect([first.cseq, second.cseq]).to.deep.equal([1, 2]);
      expect(second.header('Call-ID')).to.equal(first.header('Call-ID'));
      const uri = 'sip:user2@example.com';
      const ha2 = md5(`MESSAGE:${uri}`);
      expect(second.header('Proxy-Authorization'))
        .to.include('username="agent"')
        .and.include(`response="${md5(`${md5('agent:example.com:secret')}:n1:${ha2}`)}"`);
      rig.peer.reply(second, 200);
      expect(await sending).to.include({ status: 200, cseq: 2 });
    });
  }

  it('returns the challenge itself without credentials, or with wrong ones', async () => {
    const challenge = { headers: ['WWW-Authenticate: Digest realm="example.com", nonce="1"'] };
    const without = rig.sip.request(message);
    rig.peer.reply(await rig.peer.take('MESSAGE'), 401, challenge);
    expect(await without).to.include({ status: 401, final: true });
    const wrong = rig.sip.request({ ...message, credentials: { userName: 'agent', password: 'wrong' } });
    rig.peer.reply(await rig.peer.take('MESSAGE'), 401, challenge);
    rig.peer.reply(await rig.peer.take('MESSAGE'), 401, challenge);
    expect(await wrong).to.include({ status: 401, final: true });
  });

  it('is retransmitted, and ends in 408 if nobody answers', async () => {
    await rig.close();
    rig = await Rig.open({ t1Ms: T1_MS });
    const response = await rig.sip.request(message);
    expect(response).to.include({ status: 408, local: true, final: true, method: 'MESSAGE' });
    expect(rig.peer.all('MESSAGE').length).to.be.above(2);
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
  });

  it('is answered 503 when its plugin stops meanwhile', async () => {
    const sending = rig.sip.request(message);
    await rig.peer.take('MESSAGE');
    await rig.sip.close();
    expect(await sending).to.include({ status: 503, local: true });
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
  });

  it('is refused before it is sent if it is invalid', async () => {
    const bad: [string, Partial<OutOfDialogRequest>][] = [
      ['URI', { uri: 'user2' }],
      ['From', { from: { uri: 'sip:a b@example.com' } }],
      ['header name', { headers: [['Sub ject', 'x']] }],
      ['header value', { headers: [['Subject', 'x\r\nRoute: <sip:evil>']] }],
      ['content type', { body: { contentType: 'text/plain\r\nX: y', content: '' } }],
      ['method', { method: 'INVITE' as 'MESSAGE' }],
    ];
    for (const [what, part] of bad) {
      const error: unknown = await rig.sip.request({ ...message, ...part }).catch((reason: unknown) => reason);
      expect(error, what).to.be.an('error');
    }
    expect(rig.peer.received).to.deep.equal([]);
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
  });
});

describe('A request outside dialogs whose server fails', () => {
  it('gets 503 if it cannot be sent', async () => {
    const rig = await Rig.open({ proxy: 'sip:192.0.2.1;transport=tls' });
    try {
      expect(await rig.sip.request(message)).to.include({ status: 503, local: true });
      expect(await nothingLeft(rig.stack)).to.deep.equal(NOTHING_LEFT);
      expect(rig.log.lines.join()).to.include('SIP request not sent');
    } finally {
      await rig.close();
    }
  });
});

function md5(value: string): string {
  return createHash('md5').update(value).digest('hex');
}
