import { expect } from 'chai';
import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import type { Linphone } from '../support/peers/linphone.js';
import { requirePeers } from '../support/peers/programs.js';
import type { StatusLine } from '../support/status-lines.js';

const path = '/callcontroller/user1/user2';
const timeoutMs = 10_000;

/** The phone tells that the called one has answered. */
function isConnected({ method, statusLine }: StatusLine): boolean {
  return method === 'NOTIFY' && statusLine.startsWith('SIP/2.0 200 ');
}

describe('Linphone at a Kamailio proxy', function () {
  this.timeout(40_000);
  let peers: ProxyDomain;

  beforeEach(async function () {
    requirePeers(this, 'kamailio', 'baresip', 'linphone');
    peers = await startProxyDomain();
  });

  afterEach(async () => {
    await peers?.stop();
  });

  async function follows(linphone: Linphone): Promise<void> {
    expect((await peers.container.post(path)).status).to.equal(200);
    const events = await peers.container.waitForStatus(path, (lines) => lines.some(isConnected), timeoutMs);
    expect(events.map(({ method, statusLine }) => `${method} ${statusLine.split(' ')[1]}`)).to.include('REFER 202');
    await linphone.waitForTalk('sip:user2@example.com');
  }

  it('follows the REFER of a call with the default first offer', async () => {
    const linphone = await peers.startLinphone({ user: 'user1', toneHz: 400 });
    const baresip = await peers.startPhone({ user: 'user2', toneHz: 700 });
    await follows(linphone);
    const answered = await baresip.waitForEvent(({ type }) => type === 'CALL_ESTABLISHED', timeoutMs);
    expect(answered.peeruri).to.equal('sip:user1@example.com');
  });

  it('follows the REFER although it accepts only SRTP', async () => {
    const linphone = await peers.startLinphone({ user: 'user1', toneHz: 400, wantsSrtp: true });
    await peers.startLinphone({ user: 'user2', toneHz: 700, wantsSrtp: true });
    await follows(linphone);
    const refused = await peers.container.statusLines(path);
    expect(refused.some(({ statusLine }) => statusLine.startsWith('SIP/2.0 488 '))).to.equal(true);
  });
});
