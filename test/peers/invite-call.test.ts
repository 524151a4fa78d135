import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import type { Phone } from '../support/peers/baresip.js';
import { type PeerDomain, startPeerDomain } from '../support/peers/domain.js';
import { expectSilence, expectTalk, type InviteCall, placeInviteCall } from '../support/peers/invite-call.js';
import { requirePeers } from '../support/peers/programs.js';

const path = '/callcontroller/user1/user2';
const timeoutMs = 10_000;
const bothConfirmed = ['Confirmed Dialog', 'Confirmed Dialog'];
const bothTerminated = ['Terminated Dialog', 'Terminated Dialog'];

describe('An Invite call between baresip phones at a Kamailio proxy', function () {
  this.timeout(40_000);
  let peers: PeerDomain;
  let user1: Phone;
  let user2: Phone;
  let user3: Phone;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip');
    peers = await startPeerDomain();
    ({ user1, user2 } = peers);
    user3 = await peers.startPhone({ user: 'user3', toneHz: 1000 });
  });

  after(async () => {
    await peers?.stop();
  });

  afterEach('each phone is idle again', async () => {
    // Where the test has not ended the call itself.
    await peers.container.post(`${path}?action=Hangup`);
    for (const phone of [user1, user2, user3]) await phone.waitUntilIdle(timeoutMs);
  });

  async function connect(container: Container = peers.container, query = ''): Promise<InviteCall> {
    const call = await placeInviteCall(container, path, [user1, user2, user3], query);
    await expectTalk(user1, user2);
    return call;
  }

  it('lets the two phones hear each other, and GET shows two confirmed dialogs', async () => {
    const call = await connect();
    expect(
      (await call.dialogs()).map(({ localParty, remoteParty, state }) => [localParty, remoteParty, state]),
    ).to.deep.equal([
      ['sip:user1@example.com', 'sip:user1@example.com', 'Confirmed Dialog'],
      ['sip:user1@example.com', 'sip:user2@example.com', 'Confirmed Dialog'],
    ]);
    const callIds = [await call.happens(user1, 'CALL_ESTABLISHED'), await call.happens(user2, 'CALL_ESTABLISHED')].map(
      ({ id }) => id,
    );
    expect((await call.dialogs()).map(({ callId }) => callId)).to.deep.equal(callIds);
    await call.act('?action=Hangup');
    await call.waitForStates(...bothTerminated);
  });

  for (const [title, holder] of [
    ['calling', () => user1],
    ['called', () => user2],
  ] as const) {
    it(`is held and resumed by the button of the ${title} phone`, async () => {
      const call = await connect();
      await holder().hold();
      await expectSilence(user1, user2);
      expect((await call.dialogs()).map(({ state }) => state)).to.deep.equal(bothConfirmed);
      await holder().resume();
      await expectTalk(user1, user2);
      await call.act('?action=Hangup');
    });

    it(`ends on both sides when the ${title} phone hangs up`, async () => {
      const call = await connect();
      await holder().hangUp();
      await call.happens(user1, 'CALL_CLOSED');
      await call.happens(user2, 'CALL_CLOSED');
      await call.waitForStates(...bothTerminated);
    });
  }

  for (const [title, referrer, other] of [
    ['calling', () => user1, () => user2],
    ['called', () => user2, () => user1],
  ] as const) {
    it(`is handed on to user3 by the transfer button of the ${title} phone, which is free then`, async () => {
      const call = await connect();
      await referrer().transfer('sip:user3@example.com');
      await expectTalk(other(), user3);
      await referrer().waitUntilIdle(timeoutMs);
      await call.waitForStates(...bothTerminated);
      expect(await other().calls()).to.deep.equal([{ state: 'ESTABLISHED', peer: 'sip:user3@example.com' }]);
      await user3.hangUp();
    });
  }

  it('is silent from action=Hold to action=Resume', async () => {
    const call = await connect();
    await call.act('?action=Hold');
    await expectSilence(user1, user2);
    await call.act('?action=Resume');
    await expectTalk(user1, user2);
    await call.act('?action=Hangup');
  });

  it('goes on between user3 and user2 after a transfer, and leaves the phone of user1 free', async () => {
    const call = await connect();
    await call.act('?action=Transfer&target=user3');
    await expectTalk(user3, user2);
    await user1.waitUntilIdle(timeoutMs);
    const legs = await call.waitForStates('Confirmed Dialog', 'Confirmed Dialog', 'Terminated Dialog');
    expect(legs.map(({ remoteParty }) => remoteParty)).to.deep.equal([
      'sip:user3@example.com',
      'sip:user2@example.com',
      'sip:user1@example.com',
    ]);
    await call.act('?action=Hangup');
    await call.happens(user3, 'CALL_CLOSED');
    await call.happens(user2, 'CALL_CLOSED');
  });

  it('is held, resumed and hung up after a transfer, under the key of the transferred call', async () => {
    const call = await connect();
    await call.act('?action=Transfer&target=user3');
    await expectTalk(user3, user2);
    await actOnTransferred('Hold');
    await expectSilence(user3, user2);
    await actOnTransferred('Resume');
    await expectTalk(user3, user2);
    await user3.hold();
    await expectSilence(user3, user2);
    await user3.resume();
    await expectTalk(user3, user2);
    await actOnTransferred('Hangup');
    await call.waitForStates('Terminated Dialog', 'Terminated Dialog', 'Terminated Dialog');
  });

  it('comes back to user1 by a second transfer', async () => {
    const call = await connect();
    await call.act('?action=Transfer&target=user3');
    await expectTalk(user3, user2);
    await user1.waitUntilIdle(timeoutMs);
    await call.act('?action=Transfer&target=user1');
    await expectTalk(user1, user2);
    await user3.waitUntilIdle(timeoutMs);
    await call.act('?action=Hangup');
  });

  it('stays connected when the target of a transfer does not exist', async () => {
    const call = await connect();
    await call.act('?action=Transfer&target=nobody');
    const legs = await call.waitForStates('Confirmed Dialog', 'Confirmed Dialog', 'Terminated Dialog');
    expect(legs[2]).to.include({ remoteParty: 'sip:nobody@example.com', statusLine: 'SIP/2.0 404 Not Found' });
    await expectTalk(user1, user2);
    await call.act('?action=Hangup');
  });

  describe('that begins with', () => {
    /** How often each phone is rung: baresip refuses an offer without media, and is asked again in another way. */
    for (const [initialOffer, attempts] of [
      ['inactive', 1],
      ['noMedia', 2],
      ['offerless', 1],
    ] as const) {
      it(`initialOffer=${initialOffer} can still be held, resumed and transferred`, async () => {
        const { kamailio } = peers;
        const settings = { sipProxy: kamailio.uri, plugins: { callcontroller: { initialOffer } } };
        const container = await startContainer(settings);
        try {
          const call = await connect(container);
          expect(attemptsFrom(container, 'sip:user1@example.com')).to.equal(attempts);
          await user1.hold();
          await expectSilence(user1, user2);
          await user1.resume();
          await expectTalk(user1, user2);
          await call.act('?action=Hold');
          await expectSilence(user1, user2);
          await call.act('?action=Resume');
          await expectTalk(user1, user2);
          await call.act('?action=Transfer&target=user3');
          await expectTalk(user3, user2);
          expect(attemptsFrom(container, 'sip:user3@example.com')).to.equal(attempts);
          await call.act('?action=Hangup');
          await call.waitForStates('Terminated Dialog', 'Terminated Dialog', 'Terminated Dialog');
        } finally {
          await container.stop();
        }
      });
    }
  });

  async function actOnTransferred(action: string): Promise<void> {
    const { status } = await peers.container.post(`/callcontroller/user3/user2?agent=user1&action=${action}`);
    expect(status).to.equal(200);
  }

  /** How often a container has called a user: the proxy asks for credentials outside a dialog only. */
  function attemptsFrom({ sipPort }: Container, user: string): number {
    return peers.kamailio.requests().filter(({ kind, method, to, source }) => {
      return kind === 'authenticated' && method === 'INVITE' && to === user && source.endsWith(`:${sipPort}`);
    }).length;
  }
});
