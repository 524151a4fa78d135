import { expect } from 'chai';
import type { Phone } from '../support/peers/baresip.js';
import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import { expectTalk, expectTwinkleTalk, placeInviteCall } from '../support/peers/invite-call.js';
import { requirePeers } from '../support/peers/programs.js';

const timeoutMs = 10_000;

interface Calling {
  hold(): Promise<void> | void;
  resume(): Promise<void> | void;
}

describe('A calling phone that is held and resumed while the called one rings', function () {
  this.timeout(60_000);
  let peers: ProxyDomain;
  let called: Phone;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip', 'twinkle');
    peers = await startProxyDomain();
    called = await peers.startPhone({ user: 'user3', toneHz: 1000, answer: 'manual' });
  });

  after(async () => {
    await peers?.stop();
  });

  /** Waits for the ACK of the phone's n-th re-INVITE: it has its answer. */
  async function acknowledges(callId: string, count: number): Promise<void> {
    const seen = new Set<number>();
    await peers.kamailio.waitForRequest(({ method, callId: id, source, cseq }) => {
      const isPhones = source !== `127.0.0.1:${peers.container.sipPort}`;
      if (method === 'ACK' && id === callId && isPhones) seen.add(cseq);
      return seen.size === count;
    }, timeoutMs);
  }

  /** @param answer lets the phone pick up, where it does not do so by itself */
  async function holdAndAnswer(user: string, phone: Calling, answer: () => Promise<void> | void): Promise<void> {
    const path = `/callcontroller/${user}/user3`;
    const call = await placeInviteCall(peers.container, path, [called]);
    await answer();
    const [leg] = await call.waitForStates('Confirmed Dialog', 'Early Dialog');
    const callId = leg?.callId ?? '';
    await phone.hold();
    await acknowledges(callId, 1);
    await phone.resume();
    await acknowledges(callId, 2);
    const states = (await call.dialogs()).map(({ state }) => state);
    expect(states).to.deep.equal(['Confirmed Dialog', 'Early Dialog']);
    await called.accept();
    await call.waitForStates('Confirmed Dialog', 'Confirmed Dialog');
  }

  it('talks to a baresip when that answers', async () => {
    const baresip = await peers.startPhone({ user: 'user1', toneHz: 400 });
    await holdAndAnswer('user1', baresip, () => undefined);
    await expectTalk(baresip, called);
    await called.hangUp();
    await called.waitUntilIdle(timeoutMs);
  });

  it('talks to a twinkle when that answers', async () => {
    const twinkle = await peers.startTwinkle({ user: 'user2', toneHz: 700 });
    await holdAndAnswer('user2', twinkle, () => twinkle.answer());
    await expectTwinkleTalk(twinkle, called);
  });
});
