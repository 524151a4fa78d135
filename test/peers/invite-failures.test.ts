import { expect } from 'chai';
import type { Phone } from '../support/peers/baresip.js';
import { type PeerDomain, startPeerDomain } from '../support/peers/domain.js';
import { expectNothingLeft, expectTalk, type InviteCall, placeInviteCall } from '../support/peers/invite-call.js';
import { requirePeers } from '../support/peers/programs.js';

const path = '/callcontroller/user1/user2';
const timeoutMs = 10_000;
const [confirmed, terminated] = ['Confirmed Dialog', 'Terminated Dialog'];

describe('An Invite call at a Kamailio proxy in which somebody', function () {
  this.timeout(30_000);
  let peers: PeerDomain;
  let user1: Phone;
  let user2: Phone;
  let user3: Phone;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip');
    peers = await startPeerDomain({ answer: 'manual' });
    ({ user1, user2 } = peers);
    user3 = await peers.startPhone({ user: 'user3', toneHz: 1000, answer: 'manual' });
  });

  after(async () => {
    await peers?.stop();
  });

  afterEach('each phone is idle again', async () => {
    for (const phone of [user1, user2, user3]) await phone.waitUntilIdle(timeoutMs);
    await expectNothingLeft(peers.container);
  });

  async function place(query = '', to = path): Promise<InviteCall> {
    return await placeInviteCall(peers.container, to, [user1, user2, user3], query);
  }

  /** Places a call and lets a phone answer after the other. */
  async function answered(...phones: readonly Phone[]): Promise<InviteCall> {
    const call = await place();
    for (const phone of phones) {
      await call.happens(phone, 'CALL_INCOMING');
      await phone.accept();
    }
    return call;
  }

  /** Why the call was ended on the phone of user1. */
  async function reasonToldToUser1(call: InviteCall): Promise<string | undefined> {
    const { id } = await call.happens(user1, 'CALL_CLOSED');
    const bye = await peers.kamailio.waitForRequest(
      ({ method, callId }) => method === 'BYE' && callId === id,
      timeoutMs,
    );
    return bye.reason;
  }

  it('declines to be the calling party: user2 never rings, and the record says why', async () => {
    const call = await place();
    await call.happens(user1, 'CALL_INCOMING');
    await user1.hangUp();
    const [leg] = await call.waitForStates(terminated);
    expect(leg?.statusLine).to.match(/^SIP\/2\.0 486 /);
    expect(await user2.calls()).to.deep.equal([]);
  });

  it('does not answer as the calling party before the timeout: its phone stops ringing', async () => {
    const call = await place('&timeout=1');
    await call.happens(user1, 'CALL_INCOMING');
    await call.happens(user1, 'CALL_CLOSED');
    const [leg] = await call.waitForStates(terminated);
    expect(leg?.statusLine).to.equal('SIP/2.0 408 Request Timeout');
  });

  it('declines to be the called party: user1 gets a BYE with the reason', async () => {
    const call = await answered(user1);
    await call.happens(user2, 'CALL_INCOMING');
    await user2.hangUp();
    const legs = await call.waitForStates(terminated, terminated);
    expect(legs[1]?.statusLine).to.match(/^SIP\/2\.0 486 /);
    expect(await reasonToldToUser1(call)).to.match(/^SIP ;cause=486 ;text="[^"]+"$/);
  });

  it('calls a user who does not exist: user1 gets a BYE with the reason', async () => {
    const call = await place('', '/callcontroller/user1/nobody');
    await call.happens(user1, 'CALL_INCOMING');
    await user1.accept();
    const legs = await call.waitForStates(terminated, terminated);
    expect(legs[1]?.statusLine).to.equal('SIP/2.0 404 Not Found');
    expect(await reasonToldToUser1(call)).to.equal('SIP ;cause=404 ;text="Not Found"');
  });

  it('hangs up as the calling party while user2 rings: its phone stops ringing', async () => {
    const call = await answered(user1);
    await call.happens(user2, 'CALL_INCOMING');
    await user1.hangUp();
    await call.happens(user2, 'CALL_CLOSED');
    await call.waitForStates(terminated, terminated);
  });

  it('asks for action=Hangup while user1 rings', async () => {
    const call = await place();
    await call.happens(user1, 'CALL_INCOMING');
    await call.act('?action=Hangup');
    await call.happens(user1, 'CALL_CLOSED');
    await call.waitForStates(terminated);
  });

  it('asks for action=Hangup while user2 rings', async () => {
    const call = await answered(user1);
    await call.happens(user2, 'CALL_INCOMING');
    await call.act('?action=Hangup');
    await call.happens(user1, 'CALL_CLOSED');
    await call.happens(user2, 'CALL_CLOSED');
    await call.waitForStates(terminated, terminated);
  });

  it('declines to be the target of a transfer: user1 and user2 talk on', async () => {
    const call = await answered(user1, user2);
    await expectTalk(user1, user2);
    await call.act('?action=Transfer&target=user3');
    await call.happens(user3, 'CALL_INCOMING');
    await expectTalk(user1, user2);
    await user3.hangUp();
    const legs = await call.waitForStates(confirmed, confirmed, terminated);
    expect(legs[2]?.statusLine).to.match(/^SIP\/2\.0 486 /);
    await expectTalk(user1, user2);
    await call.act('?action=Hangup');
    await call.waitForStates(terminated, terminated, terminated);
  });

  it('hangs up as the calling party while the target rings: the target still gets user2', async () => {
    const call = await answered(user1, user2);
    await expectTalk(user1, user2);
    await call.act('?action=Transfer&target=user3');
    await call.happens(user3, 'CALL_INCOMING');
    await user1.hangUp();
    await call.happens(user1, 'CALL_CLOSED');
    await user3.accept();
    await expectTalk(user3, user2);
    await call.act('?action=Hangup');
    await call.waitForStates(terminated, terminated, terminated);
  });

  it('hangs up as the called party while the target rings: both others are released', async () => {
    const call = await answered(user1, user2);
    await expectTalk(user1, user2);
    await call.act('?action=Transfer&target=user3');
    await call.happens(user3, 'CALL_INCOMING');
    await user2.hangUp();
    await call.happens(user1, 'CALL_CLOSED');
    await call.happens(user3, 'CALL_CLOSED');
    await call.waitForStates(terminated, terminated, terminated);
  });
});
