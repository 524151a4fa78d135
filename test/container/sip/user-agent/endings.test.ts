import { expect } from 'chai';
import { getActiveResourcesInfo } from 'node:process';
import type { EndpointCounts } from '../../../../container/sip/user-agent/endpoint.js';
import { Listener, NOTHING_LEFT, nothingLeft, Rig, SDP, T1_MS, takeCalls } from '../rig.js';

function timers(): number {
  return getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}

describe('After a SIP call', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.open({ t1Ms: T1_MS });
  });

  afterEach(async () => rig.close());

  it('nothing is left 64*T1 after its release, and everything until then', async () => {
    const { leg, listener } = await rig.talk();
    leg.bye({}, listener.response);
    const bye = await rig.peer.take('BYE');
    rig.peer.reply(bye, 200);
    await listener.hears('200 final', 2);
    const releasedMs = performance.now();
    leg.release();
    leg.release();
    expect(rig.stack.counts.userAgentCores).to.equal(1);
    expect(await nothingLeft(rig.stack)).to.deep.equal(NOTHING_LEFT);
    expect(performance.now() - releasedMs).to.be.at.least(64 * T1_MS - 5);
  });

  it('nothing is left when it is released without a word', async () => {
    const { leg } = await rig.talk();
    const ringing = rig.invite(new Listener());
    rig.peer.reply(await rig.peer.take('INVITE'), 180);
    const taken = takeCalls(rig.sip, (call) => call.progress(180));
    rig.call();
    const incoming = await taken();
    leg.send('INFO');
    for (const each of [leg, ringing, incoming.leg]) each.release();
    expect(await nothingLeft(rig.stack)).to.deep.equal(NOTHING_LEFT);
  });

  it('nothing is left, even if its URI or a header was invalid', () => {
    const bad = [
      { uri: 'no uri' },
      { to: 'sip:' },
      { from: { uri: 'sip:a b@example.com' } },
      { headers: [['Subject', 'a\r\nb']] as const },
      { contactUser: '%' },
    ];
    for (const invitation of bad) {
      expect(() => rig.invite(new Listener(), invitation), JSON.stringify(invitation)).to.throw();
    }
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
  });

  it('no timer is left when the stack closes in the middle of calls of all kinds', async () => {
    await rig.close();
    const before = timers();
    rig = await Rig.open({ t1Ms: 500 });
    const taken = takeCalls(rig.sip);
    const { leg } = await rig.talk();
    leg.send('INFO');
    rig.invite(new Listener());
    const ringing = rig.invite(new Listener());
    rig.peer.reply(await rig.peer.take('INVITE'), 180);
    ringing.cancel();
    rig.call();
    (await taken()).leg.accept(SDP);
    rig.call();
    (await taken()).leg.reject(486);
    rig.call();
    (await taken()).leg.progress(180);
    await rig.peer.take('180 INVITE');
    leg.release();
    const during: EndpointCounts = rig.stack.counts;
    expect(during.userAgentCores).to.equal(6);
    expect(timers()).to.be.above(before + 6);
    await rig.close();
    expect(timers()).to.equal(before);
    expect(rig.stack.counts).to.deep.equal(NOTHING_LEFT);
    rig = await Rig.open();
  });

  it('no timer is left when a call goes on after its stack has closed', async () => {
    const { leg } = await rig.talk();
    await rig.close();
    const before = timers();
    const listener = new Listener();
    leg.bye({}, listener.response);
    await listener.hears('503 final local');
    expect(timers()).to.equal(before);
    rig = await Rig.open();
  });
});
