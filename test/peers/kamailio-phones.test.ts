import { expect } from 'chai';
import { startPhone, type Phone } from '../support/peers/baresip.js';
import { startKamailio, type Kamailio } from '../support/peers/kamailio.js';
import { requirePeers } from '../support/peers/programs.js';
import { whatTheyHear } from '../support/peers/rtp.js';

const domain = 'example.test';
const password = '123';

describe('two baresip phones at a Kamailio proxy', function () {
  this.timeout(30_000);
  let kamailio: Kamailio;
  let caller: Phone;
  let called: Phone;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip');
    kamailio = await startKamailio({ domain, users: ['user1', 'user2'].map((userName) => ({ userName, password })) });
    const proxyPort = kamailio.port;
    caller = await startPhone({ user: 'user1', password, domain, proxyPort, answer: 'manual', toneHz: 400 });
    called = await startPhone({ user: 'user2', password, domain, proxyPort, answer: 'manual', toneHz: 700 });
  });

  after(async () => {
    await called?.stop();
    await caller?.stop();
    await kamailio?.stop();
  });

  it('hear each other once the call is answered, and nothing after it', async () => {
    await caller.dial('sip:user2@example.test');
    await called.waitForEvent(({ type }) => type === 'CALL_INCOMING', 5000);
    expect((await whatTheyHear(caller, called, 200)).other.packets, 'heard before the answer').to.equal(0);

    await called.accept();
    await called.waitForEvent(({ type }) => type === 'CALL_RTPESTAB', 5000);
    await caller.waitForEvent(({ type }) => type === 'CALL_RTPESTAB', 5000);
    const during = await whatTheyHear(caller, called, 1000);
    expect(during.one.packets, 'packets from the called phone').to.be.at.least(25);
    expect(during.other.packets, 'packets from the calling phone').to.be.at.least(25);
    expect(during.one.pitchHz).to.be.closeTo(called.toneHz, 10);
    expect(during.other.pitchHz).to.be.closeTo(caller.toneHz, 10);
    expect(await caller.calls()).to.deep.equal([{ state: 'ESTABLISHED', peer: 'sip:user2@example.test' }]);

    await caller.hangUp();
    await called.waitForEvent(({ type }) => type === 'CALL_CLOSED', 5000);
    const after = await whatTheyHear(caller, called, 200);
    expect([after.one.packets, after.other.packets]).to.deep.equal([0, 0]);
    expect(await called.calls()).to.deep.equal([]);
  });

  it('are challenged when they call, answer with their own credentials, and get 404 for a user who does not exist', async () => {
    const uri = 'sip:nobody@example.test';
    await caller.dial(uri);
    const closed = await caller.waitForEvent(({ type, peeruri }) => type === 'CALL_CLOSED' && peeruri === uri, 5000);
    expect(closed.param).to.equal('404 Not Found');

    await kamailio.waitForRequest(({ kind, to }) => kind === 'authenticated' && to === uri, 5000);
    const invites = kamailio.requests().filter(({ method, to }) => method === 'INVITE' && to === uri);
    expect(invites.map(({ kind, credentials }) => [kind, credentials])).to.deep.equal([
      ['request', undefined],
      ['request', 'user1'],
      ['authenticated', 'user1'],
    ]);
  });
});
