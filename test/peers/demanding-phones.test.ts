import { expect } from 'chai';
import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import { expectTalk } from '../support/peers/invite-call.js';
import { requirePeers } from '../support/peers/programs.js';

const path = '/callcontroller/user1/user2';

describe('Two baresips that want SRTP', function () {
  this.timeout(60_000);
  let peers: ProxyDomain;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip');
    peers = await startProxyDomain();
  });

  after(async () => {
    await peers?.stop();
  });

  it('refuse the default first offer, then follow the REFER and hear each other', async () => {
    const user1 = await peers.startPhone({ user: 'user1', toneHz: 400, wantsSrtp: true });
    const user2 = await peers.startPhone({ user: 'user2', toneHz: 700, wantsSrtp: true });
    expect((await peers.container.post(path)).status).to.equal(200);
    await expectTalk(user1, user2);
    const lines = (await peers.container.statusLines(path)).map(({ statusLine }) => statusLine);
    expect(lines.some((line) => line.startsWith('SIP/2.0 488 '))).to.equal(true);
  });
});
