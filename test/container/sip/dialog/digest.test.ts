import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { DigestClient } from '../../../../container/sip/dialog/digest.js';
import { Realms } from '../../../../container/sip/dialog/realms.js';
import type { OutgoingLeg } from '../../../../sdk/index.js';
import { type Received, SipPeer } from '../../../support/sip-peer.js';
import { expectedResponse, parameters } from '../digest-check.js';
import { inDialog, KeptLog, Listener, Rig, SDP } from '../rig.js';

const credentials = { userName: 'agent', password: 'secret' };
const OWN = 'example.com';
/** Another realm that is configured. */
const BRANCH = 'branch.example.com';

function expectCredentials(request: Received, header: string, realm: string): void {
  const value = request.headers(header).find((each) => parameters(each)['realm'] === realm) ?? '';
  const { response, uri, username } = parameters(value);
  expect({ response, uri, username }).to.deep.equal({
    response: expectedResponse(value, request.kind, credentials.password),
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

  /** A call that was challenged and answered. @param contact of the telephone, by default at the proxy */
  async function challengedTalk(contact?: string): Promise<{ leg: OutgoingLeg; listener: Listener; invite: Received }> {
    const listener = new Listener();
    const leg = rig.invite(listener, { credentials });
    await challenge(407, 'realm="example.com", nonce="1", qop="auth"');
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 200, { body: SDP.content, ...(contact !== undefined && { contact }) });
    await listener.hears('200 final');
    leg.ack();
    return { leg, listener, invite };
  }

  it('is placed again with credentials and the next CSeq, and its ACK carries none', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener, { credentials });
    const first = await challenge(407, 'realm="example.com", nonce="1", qop="auth"');
    const second = await rig.peer.take('INVITE');
    expectCredentials(second, 'Proxy-Authorization', OWN);
    expect(second.cseq).to.equal(first.cseq + 1);
    expect(second.header('Call-ID')).to.equal(first.header('Call-ID'));
    expect(second.header('From')).to.equal(first.header('From'));
    expect(second.header('Via')).to.not.equal(first.header('Via'));
    rig.peer.reply(second, 200, { body: 'v=0\r\n' });
    await listener.hears('200 final');
    leg.ack();
    const ack = await rig.peer.take('ACK');
    expect(ack.headers('Proxy-Authorization')).to.deep.equal([]);
    expect(listener.heard).to.deep.equal(['407', '200 final']);
  });

  it('answers both realms of one 407', async () => {
    rig.invite(new Listener(), { credentials });
    await challenge(
      407,
      'realm="example.com", nonce="1", qop="auth"',
      'realm="branch.example.com", nonce="2", algorithm=SHA-256',
    );
    const second = await rig.peer.take('INVITE');
    expectCredentials(second, 'Proxy-Authorization', OWN);
    expectCredentials(second, 'Proxy-Authorization', BRANCH);
  });

  it('answers one proxy, and then the next one that the first has passed it on to', async () => {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    await challenge(407, 'realm="example.com", nonce="1", qop="auth"');
    const second = await rig.peer.take('INVITE');
    rig.peer.reply(second, 100);
    rig.peer.reply(second, 401, { headers: ['WWW-Authenticate: Digest realm="branch.example.com", nonce="2"'] });
    const third = await rig.peer.take('INVITE');
    expectCredentials(third, 'Proxy-Authorization', OWN);
    expectCredentials(third, 'Authorization', BRANCH);
    expect(parameters(third.header('Proxy-Authorization'))['nc']).to.equal('00000002');
    expect(listener.heard).to.deep.equal(['407', '100', '401']);
  });

  it('is over when its credentials are refused', async () => {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    await challenge(407, 'realm="example.com", nonce="1"');
    await challenge(407, 'realm="example.com", nonce="2"');
    await listener.hears('407 final');
    expect(rig.peer.all('INVITE')).to.have.length(2);
  });

  it('is tried again with the new nonce when the old one was stale', async () => {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    await challenge(407, 'realm="example.com", nonce="1", qop="auth"');
    await challenge(407, 'realm="example.com", nonce="2", qop="auth", stale=TRUE');
    const third = await rig.peer.take('INVITE');
    expectCredentials(third, 'Proxy-Authorization', OWN);
    expect(parameters(third.header('Proxy-Authorization'))).to.include({ nonce: '2', nc: '00000001' });
  });

  it('gives up on a proxy that calls every nonce stale', async () => {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    rig.peer.onMessage((message) => {
      const headers = [`Proxy-Authenticate: Digest realm="example.com", nonce="${message.cseq}", stale=true`];
      if (message.kind === 'INVITE') rig.peer.reply(message, 407, { headers });
    });
    await listener.hears('407 final');
    expect(rig.peer.all('INVITE')).to.have.length(5);
  });

  it('is over at the first challenge when there are no credentials', async () => {
    const listener = new Listener();
    rig.invite(listener);
    await challenge(407, 'realm="example.com", nonce="1"');
    await listener.hears('407 final');
    expect(rig.peer.all('INVITE')).to.have.length(1);
  });

  it('is over when it was cancelled before the challenge came', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener, { credentials });
    const invite = await rig.peer.take('INVITE');
    leg.cancel();
    rig.peer.reply(invite, 407, { headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="1"'] });
    await listener.hears('407 final');
    expect(rig.peer.all('INVITE').map(({ cseq }) => cseq)).to.deep.equal(rig.peer.all('INVITE').map(() => invite.cseq));
  });

  it('is cancelled by an owner that gives up when it hears of the challenge', async () => {
    const listener = new Listener();
    const leg = rig.invite(
      { onResponse: (response) => (response.status === 407 ? leg.cancel() : listener.onResponse(response)) },
      { credentials },
    );
    await challenge(407, 'realm="example.com", nonce="1"');
    const second = await rig.peer.take('INVITE');
    rig.peer.reply(second, 180);
    const cancel = await rig.peer.take('CANCEL');
    expect(cancel.cseq).to.equal(second.cseq);
    expect(cancel.header('Via')).to.equal(second.header('Via'));
    rig.peer.reply(cancel, 200);
    rig.peer.reply(second, 487);
    await listener.hears('487 final');
  });

  it('answers the strongest of several challenges', async () => {
    rig.invite(new Listener(), { credentials });
    await challenge(
      407,
      'realm="example.com", nonce="1", algorithm=MD5',
      'realm="example.com", nonce="2", algorithm=SHA-256',
    );
    const second = await rig.peer.take('INVITE');
    expectCredentials(second, 'Proxy-Authorization', OWN);
    expect(parameters(second.header('Proxy-Authorization'))).to.include({ nonce: '2', algorithm: 'SHA-256' });
  });

  it('answers the challenge of an INVITE repeated after a refusal', async () => {
    const listener = new Listener();
    const leg = rig.invite(
      { onResponse: (response) => (response.status === 488 ? leg.inviteAgain({}) : listener.onResponse(response)) },
      { credentials },
    );
    await challenge(407, 'realm="example.com", nonce="1", qop="auth"');
    rig.peer.reply(await rig.peer.take('INVITE'), 488);
    await rig.peer.take('ACK');
    await challenge(407, 'realm="example.com", nonce="2", qop="auth"');
    const last = await rig.peer.take('INVITE');
    expectCredentials(last, 'Proxy-Authorization', OWN);
    expect(parameters(last.header('Proxy-Authorization'))).to.include({ nonce: '2', nc: '00000001' });
  });

  it('sends no credentials in the dialog until challenged, and then continues the nonce count', async () => {
    const { leg } = await challengedTalk();
    leg.send('INFO');
    const info = await rig.peer.take('INFO');
    expect(info.headers('Proxy-Authorization')).to.deep.equal([]);
    rig.peer.reply(info, 407, { headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="1", qop="auth"'] });
    const again = await rig.peer.take('INFO');
    expectCredentials(again, 'Proxy-Authorization', OWN);
    expect(parameters(again.header('Proxy-Authorization'))['nc']).to.equal('00000002');
  });

  it('uses the HA1 that the user directory keeps', async () => {
    await rig.close();
    const value = createHash('md5').update('agent:example.com:secret').digest('hex');
    rig = await Rig.open({ secret: { userName: 'agent', ha1: { realm: OWN, value } } });
    const account = { userName: 'agent', identity: '', displayName: '', aliases: [], hasSipCredentials: true };
    rig.invite(new Listener(), { credentials: account });
    await challenge(
      407,
      'realm="example.com", nonce="1", algorithm=SHA-256',
      'realm="example.com", nonce="2", algorithm=MD5',
    );
    const second = await rig.peer.take('INVITE');
    expectCredentials(second, 'Proxy-Authorization', OWN);
  });

  /** The INVITE has passed the proxy with credentials. */
  async function passed(): Promise<{ invite: Received; listener: Listener }> {
    const listener = new Listener();
    rig.invite(listener, { credentials });
    await challenge(407, 'realm="example.com", nonce="1", qop="auth"');
    return { invite: await rig.peer.take('INVITE'), listener };
  }

  describe('by its telephone', () => {
    const FETCHED = 'Digest realm="example.com", nonce="fetched", qop="auth"';

    for (const [manner, status, header] of [
      ['401 with a nonce of the proxy', 401, `WWW-Authenticate: ${FETCHED}`],
      ['407 with a nonce of the proxy', 407, `Proxy-Authenticate: ${FETCHED}`],
      [
        '407 that calls the nonce stale, behind the 100 of the proxy',
        407,
        `Proxy-Authenticate: ${FETCHED}, stale=true`,
      ],
    ] as const) {
      it(`ends with its ${manner}`, async () => {
        const { invite, listener } = await passed();
        rig.peer.reply(invite, 100);
        rig.peer.reply(invite, status, { headers: [header] });
        await listener.hears(`${status} final`);
        expect(rig.peer.all('INVITE')).to.have.length(2);
      });
    }

    it('ends if it rings before it challenges', async () => {
      const listener = new Listener();
      rig.invite(listener, { credentials });
      const invite = await rig.peer.take('INVITE');
      rig.peer.reply(invite, 180);
      rig.peer.reply(invite, 407, { headers: [`Proxy-Authenticate: ${FETCHED}`] });
      await listener.hears('407 final');
      expect(rig.peer.all('INVITE')).to.have.length(1);
    });

    it('gets no answer to a challenge of its re-INVITE that the proxy has passed on', async () => {
      const { leg } = await challengedTalk();
      const listener = new Listener();
      leg.reinvite({ body: SDP }, listener.response);
      const reinvite = await rig.peer.take('INVITE');
      rig.peer.reply(reinvite, 100);
      rig.peer.reply(reinvite, 407, { headers: [`Proxy-Authenticate: ${FETCHED}`] });
      await listener.hears('407 final');
      expect(reinvite.headers('Proxy-Authorization')).to.deep.equal([]);
    });

    it('gets no answer if the request goes to the telephone instead of the proxy', async () => {
      const phone = await SipPeer.open();
      try {
        const contact = `<sip:premium@127.0.0.1:${phone.port}>`;
        const { leg, listener: ofLeg, invite } = await challengedTalk(contact);
        const listener = new Listener();
        // Then the address is known as a telephone's, and requests may go there.
        phone.request(inDialog(invite, { method: 'INFO', contact }), rig.stack.port);
        await ofLeg.hears('INFO');
        leg.reinvite({ body: SDP }, listener.response);
        phone.reply(await phone.take('INVITE'), 407, { headers: [`Proxy-Authenticate: ${FETCHED}`] });
        await listener.hears('407 final');
        leg.send('REFER', { headers: [['Refer-To', '<sip:b@example.com>']] }, listener.response);
        phone.reply(await phone.take('REFER'), 407, { headers: [`Proxy-Authenticate: ${FETCHED}`] });
        await listener.hears('407 final', 2);
        expect(phone.all('INVITE').concat(phone.all('REFER'))).to.have.length(2);
      } finally {
        await phone.close();
      }
    });

    it('gets no answer with another header than the proxy uses', async () => {
      const { leg } = await challengedTalk();
      const listener = new Listener();
      leg.send('INFO', {}, listener.response);
      rig.peer.reply(await rig.peer.take('INFO'), 401, { headers: [`WWW-Authenticate: ${FETCHED}`] });
      await listener.hears('401 final');
      expect(rig.peer.all('INFO')).to.have.length(1);
    });

    it('gets no answer for an unknown realm, which is logged once', async () => {
      for (const times of [1, 2]) {
        const listener = new Listener();
        rig.invite(listener, { credentials });
        await challenge(407, 'realm="evil.example", nonce="1"');
        await listener.hears('407 final');
        expect(rig.peer.all('INVITE')).to.have.length(times);
      }
      expect(rig.log.lines).to.deep.equal(['SIP challenge not answered: its realm is neither realm nor in sipRealms']);
    });

    it('gets no MD5 of a realm that has challenged with SHA-256, in this call or another', async () => {
      rig.invite(new Listener(), { credentials });
      await challenge(407, 'realm="example.com", nonce="1", algorithm=SHA-256', 'realm="example.com", nonce="1"');
      await rig.peer.take('INVITE');
      const listener = new Listener();
      rig.invite(listener, { credentials });
      await challenge(407, 'realm="example.com", nonce="2"');
      await listener.hears('407 final');
    });
  });
});

describe('A digest client', () => {
  it('refuses a user name that would begin another header', () => {
    const secret = { userName: 'a\r\nVia: x', password: '' };
    expect(() => new DigestClient({ secret, realms: new Realms([], new KeptLog()) })).to.throw(TypeError);
  });
});
