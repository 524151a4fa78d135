import { expect } from 'chai';
import type { Phone } from '../support/peers/baresip.js';
import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import { expectTalk, placeInviteCall } from '../support/peers/invite-call.js';
import { requirePeers } from '../support/peers/programs.js';

const path = '/callcontroller/user1/user2';

describe('Two baresips that want SRTP', function () {
  this.timeout(60_000);
  let peers: ProxyDomain;
  let user1: Phone;
  let user2: Phone;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip');
    peers = await startProxyDomain();
    user1 = await peers.startPhone({ user: 'user1', toneHz: 400, wantsSrtp: true });
    user2 = await peers.startPhone({ user: 'user2', toneHz: 700, wantsSrtp: true });
  });

  afterEach(async () => {
    await user1?.hangUp();
    await user1?.waitUntilIdle(10_000);
    await user2?.waitUntilIdle(10_000);
  });

  after(async () => {
    await peers?.stop();
  });

  it('refuse the default first offer, then follow the REFER and hear each other', async () => {
    expect((await peers.container.post(path)).status).to.equal(200);
    await expectTalk(user1, user2);
    const lines = (await peers.container.statusLines(path)).map(({ statusLine }) => statusLine);
    expect(lines.some((line) => line.startsWith('SIP/2.0 488 '))).to.equal(true);
  });

  it('hear each other in an Invite call, although they keep the first key that they get', async () => {
    await placeInviteCall(peers.container, path, [user1, user2]);
    await expectTalk(user1, user2);
  });
});
