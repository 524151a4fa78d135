import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import type { Phone } from '../support/peers/baresip.js';
import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import {
  expectNothingLeft,
  expectTalk,
  expectTwinkleSilence,
  expectTwinkleTalk,
  type InviteCall,
  placeInviteCall,
} from '../support/peers/invite-call.js';
import type { ProxiedRequest } from '../support/peers/kamailio.js';
import { requirePeers } from '../support/peers/programs.js';
import type { Twinkle } from '../support/peers/twinkle.js';

const timeoutMs = 10_000;

describe('An Invite call between twinkle and baresip at a Kamailio proxy', function () {
  this.timeout(40_000);
  let peers: ProxyDomain;
  let twinkle: Twinkle;
  let baresip: Phone;
  let third: Phone;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip', 'twinkle');
    peers = await startProxyDomain();
    twinkle = await peers.startTwinkle({ user: 'user1', toneHz: 400 });
    baresip = await peers.startPhone({ user: 'user2', toneHz: 700 });
    third = await peers.startPhone({ user: 'user3', toneHz: 1000 });
  });

  after(async () => {
    await peers?.stop();
  });

  afterEach('each phone is idle again', async () => {
    for (const phone of [baresip, third]) await phone.waitUntilIdle(timeoutMs);
    await expectNothingLeft(peers.container);
  });

  async function connect(path: string, container: Container = peers.container): Promise<InviteCall> {
    const call = await placeInviteCall(container, path, [baresip, third]);
    await twinkle.answer();
    await expectTwinkleTalk(twinkle, baresip);
    return call;
  }

  async function hangUp(call: InviteCall): Promise<void> {
    await call.act('?action=Hangup');
    await twinkle.waitForEnd();
  }

  for (const [title, path] of [
    ['calling', '/callcontroller/user1/user2'],
    ['called', '/callcontroller/user2/user1'],
  ] as const) {
    describe(`with twinkle as the ${title} party`, () => {
      it('lets the two hear each other, and ends on action=Hangup', async () => {
        const call = await connect(path);
        const confirmed = await call.dialogs();
        expect(confirmed.map(({ state }) => state)).to.deep.equal(['Confirmed Dialog', 'Confirmed Dialog']);
        await hangUp(call);
        await call.waitForStates('Terminated Dialog', 'Terminated Dialog');
      });

      it('is held and resumed by its button', async () => {
        const call = await connect(path);
        twinkle.hold();
        await expectTwinkleSilence(twinkle, baresip);
        twinkle.resume();
        await expectTwinkleTalk(twinkle, baresip);
        await hangUp(call);
      });

      it('is held and resumed by the button of baresip', async () => {
        const call = await connect(path);
        await baresip.hold();
        await expectTwinkleSilence(twinkle, baresip);
        await baresip.resume();
        await expectTwinkleTalk(twinkle, baresip);
        await hangUp(call);
      });

      it('is held by action=Hold and resumed by action=Resume', async () => {
        const call = await connect(path);
        await call.act('?action=Hold');
        await expectTwinkleSilence(twinkle, baresip);
        await call.act('?action=Resume');
        await expectTwinkleTalk(twinkle, baresip);
        await hangUp(call);
      });

      it('ends on both sides when twinkle hangs up', async () => {
        const call = await connect(path);
        await twinkle.hangUp();
        await call.happens(baresip, 'CALL_CLOSED');
        await call.waitForStates('Terminated Dialog', 'Terminated Dialog');
      });

      it('ends on both sides when baresip hangs up', async () => {
        const call = await connect(path);
        await baresip.hangUp();
        await twinkle.waitForEnd();
        await call.waitForStates('Terminated Dialog', 'Terminated Dialog');
      });
    });
  }

  it('is handed on by the transfer button of twinkle', async () => {
    const call = await connect('/callcontroller/user1/user2');
    twinkle.transfer('sip:user3@example.com');
    await expectTalk(baresip, third);
    await call.waitForStates('Terminated Dialog', 'Terminated Dialog');
    await third.hangUp();
  });

  it('is handed on by the transfer button of baresip', async () => {
    const call = await connect('/callcontroller/user1/user2');
    await baresip.transfer('sip:user3@example.com');
    await expectTwinkleTalk(twinkle, third);
    await call.waitForStates('Terminated Dialog', 'Terminated Dialog');
    await third.hangUp();
  });

  it('is transferred to twinkle', async () => {
    const call = await placeInviteCall(peers.container, '/callcontroller/user3/user2', [baresip, third]);
    await call.happens(baresip, 'CALL_RTPESTAB');
    await call.act('?action=Transfer&target=user1');
    await twinkle.answer();
    await expectTwinkleTalk(twinkle, baresip);
    await third.waitUntilIdle(timeoutMs);
    await hangUp(call);
  });

  it('goes on while both phones say that they are there', async () => {
    const settings = { sipProxy: peers.kamailio.uri, plugins: { callcontroller: { liveness: 1 } } };
    const container = await startContainer(settings);
    try {
      const call = await connect('/callcontroller/user1/user2', container);
      const legs = await call.dialogs();
      for (const { callId } of legs) {
        const isQuestion = (request: ProxiedRequest) => request.method === 'OPTIONS' && request.callId === callId;
        const first = await peers.kamailio.waitForRequest(isQuestion, timeoutMs);
        await peers.kamailio.waitForRequest(
          (request) => isQuestion(request) && request.cseq === first.cseq + 1,
          timeoutMs,
        );
      }
      await expectTwinkleTalk(twinkle, baresip);
      await hangUp(call);
    } finally {
      await container.stop();
    }
  });

  for (const initialOffer of ['noMedia', 'offerless'] as const) {
    it(`begins with initialOffer=${initialOffer}`, async () => {
      const settings = { sipProxy: peers.kamailio.uri, plugins: { callcontroller: { initialOffer } } };
      const container = await startContainer(settings);
      try {
        const call = await connect('/callcontroller/user1/user2', container);
        await hangUp(call);
      } finally {
        await container.stop();
      }
    });
  }
});
