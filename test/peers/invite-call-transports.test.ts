import { expect } from 'chai';
import { type Authority, createAuthority } from '../support/certificates.js';
import type { Phone } from '../support/peers/baresip.js';
import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import {
  expectNothingLeft,
  expectSilence,
  expectTalk,
  expectTwinkleSilence,
  expectTwinkleTalk,
  placeInviteCall,
} from '../support/peers/invite-call.js';
import { requirePeers } from '../support/peers/programs.js';
import { freePorts } from '../support/ports.js';

const timeoutMs = 10_000;
const [confirmed, terminated] = ['Confirmed Dialog', 'Terminated Dialog'];

describe('An Invite call at a Kamailio proxy', function () {
  this.timeout(60_000);
  let authority: Authority;

  before(async function () {
    requirePeers(this, 'kamailio', 'kamailioTls', 'baresip');
    authority = await createAuthority();
  });

  after(async () => {
    await authority?.remove();
  });

  for (const [reachedBy, transport] of [
    ['tcp', 'tcp'],
    ['tcp', 'udp'],
    ['tls', 'tcp'],
    ['sips', 'tcp'],
  ] as const) {
    describe(`that is reached by ${reachedBy}, with phones on ${transport}`, () => {
      let peers: ProxyDomain;
      let user1: Phone;
      let user2: Phone;
      let user3: Phone;

      before(async () => {
        const own = await authority.issue('127.0.0.1');
        const tls = { key: own.keyFile, cert: own.certFile, ca: authority.caFile };
        const sipTlsPort = reachedBy === 'tcp' ? 0 : await freePorts();
        peers = await startProxyDomain({ reachedBy, certificate: own, settings: { tls, sipTlsPort } });
        user1 = await peers.startPhone({ user: 'user1', toneHz: 400, transport });
        user2 = await peers.startPhone({ user: 'user2', toneHz: 700, transport });
        user3 = await peers.startPhone({ user: 'user3', toneHz: 1000, transport });
      });

      after(async () => {
        await peers?.stop();
      });

      it('talks, is held, resumed, transferred and hung up, and leaves nothing behind', async () => {
        const { container, kamailio } = peers;
        const call = await placeInviteCall(container, '/callcontroller/user1/user2', [user1, user2, user3]);
        await expectTalk(user1, user2);
        await call.waitForStates(confirmed, confirmed);
        for (const phone of [user1, user2]) {
          await phone.hold();
          await expectSilence(user1, user2);
          await phone.resume();
          await expectTalk(user1, user2);
        }
        await call.act('?action=Hold');
        await expectSilence(user1, user2);
        await call.act('?action=Resume');
        await expectTalk(user1, user2);
        await call.act('?action=Transfer&target=user3');
        await expectTalk(user3, user2);
        await user1.waitUntilIdle(timeoutMs);
        await call.act('?action=Hangup');
        await user2.waitUntilIdle(timeoutMs);
        await user3.waitUntilIdle(timeoutMs);
        const legs = await call.waitForStates(terminated, terminated, terminated);
        await expectNothingLeft(container);

        // The controller's INVITEs have its credentials; what else comes from where they came from is the controller's too.
        const callIds = new Set(legs.map(({ callId }) => callId));
        const seen = kamailio.requests().filter(({ callId }) => callIds.has(callId));
        const sources = new Set(seen.filter(({ credentials }) => credentials).map(({ source }) => source));
        const ours = seen.filter(({ source }) => sources.has(source));
        expect(ours.map(({ method }) => method)).to.include.members(['INVITE', 'BYE']);
        expect(new Set(ours.map(({ protocol }) => protocol))).to.deep.equal(
          new Set([reachedBy === 'sips' ? 'tls' : reachedBy]),
        );
        expect(sources.size, 'connections').to.equal(1);
      });
    });
  }

  it('that is reached by tcp joins twinkle and baresip', async function () {
    requirePeers(this, 'twinkle');
    const peers = await startProxyDomain({ reachedBy: 'tcp' });
    try {
      const twinkle = await peers.startTwinkle({ user: 'user1', toneHz: 400, transport: 'tcp' });
      const baresip = await peers.startPhone({ user: 'user2', toneHz: 700, transport: 'tcp' });
      const call = await placeInviteCall(peers.container, '/callcontroller/user1/user2', [baresip]);
      await twinkle.answer();
      await expectTwinkleTalk(twinkle, baresip);
      twinkle.hold();
      await expectTwinkleSilence(twinkle, baresip);
      twinkle.resume();
      await expectTwinkleTalk(twinkle, baresip);
      await call.act('?action=Hangup');
      await twinkle.waitForEnd();
      await baresip.waitUntilIdle(timeoutMs);
    } finally {
      await peers.stop();
    }
  });
});
