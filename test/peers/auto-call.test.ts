import { expect } from 'chai';
import type { Phone } from '../support/peers/baresip.js';
import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import { expectTalk, expectTwinkleTalk } from '../support/peers/invite-call.js';
import { dialogs } from '../support/dialogs.js';
import { requirePeers } from '../support/peers/programs.js';
import type { Twinkle } from '../support/peers/twinkle.js';

const timeoutMs = 10_000;

describe('A call with sipMethod=Auto', function () {
  this.timeout(30_000);
  let peers: ProxyDomain;
  let user1: Phone;
  let user2: Phone;
  let user3: Twinkle;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip', 'twinkle');
    peers = await startProxyDomain();
    user1 = await peers.startPhone({ user: 'user1', toneHz: 400 });
    user2 = await peers.startPhone({ user: 'user2', toneHz: 700 });
    user3 = await peers.startTwinkle({ user: 'user3', toneHz: 1000, refusesRefer: true });
  });

  after(async () => {
    await peers?.stop();
  });

  /** What the proxy saw of the controller, without ACK, and without the first INVITE, which it challenged. */
  function sent(callId: string | undefined): string[] {
    const address = `127.0.0.1:${peers.container.sipPort}`;
    const ours = peers.kamailio
      .requests()
      .filter((request) => request.kind === 'request' && request.callId === callId && request.source === address);
    const [, ...others] = ours.map(({ method }) => method).filter((method) => method !== 'ACK');
    return others;
  }

  it('leaves two phones to themselves when the calling one follows the REFER', async () => {
    const path = '/callcontroller/user1/user2';
    expect((await peers.container.post(`${path}?sipMethod=Auto`)).status).to.equal(200);
    await expectTalk(user1, user2);
    const record = await peers.container.waitForStatus(
      path,
      (events) => events.some(({ method, statusLine }) => method === 'NOTIFY' && statusLine.includes(' 200 ')),
      timeoutMs,
    );
    await peers.kamailio.waitForRequest(
      ({ method, callId }) => method === 'BYE' && callId === record[0]?.callId,
      timeoutMs,
    );
    expect(sent(record[0]?.callId)).to.deep.equal(['INVITE', 'REFER', 'BYE']);
    await user1.hangUp();
    await user1.waitUntilIdle(timeoutMs);
    await user2.waitUntilIdle(timeoutMs);
  });

  it('stays in the path when the calling phone refuses the REFER, and does not ring it again', async () => {
    const path = '/callcontroller/user3/user2';
    expect((await peers.container.post(`${path}?sipMethod=Auto`)).status).to.equal(200);
    await user3.answer();
    await expectTwinkleTalk(user3, user2);
    const legs = dialogs(await (await peers.container.get(path)).text());
    expect(legs.map(({ remoteParty, state }) => [remoteParty, state])).to.deep.equal([
      ['sip:user3@example.com', 'Confirmed Dialog'],
      ['sip:user2@example.com', 'Confirmed Dialog'],
    ]);
    expect(sent(legs[0]?.callId)).to.deep.equal(['INVITE', 'REFER', 'INVITE']);
    expect((await peers.container.post(`${path}?action=Hangup`)).status).to.equal(200);
    await user3.waitForEnd();
    await user2.waitUntilIdle(timeoutMs);
  });
});
