import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import type { Phone } from '../support/peers/baresip.js';
import { expectNothingLeft, expectTwinkleTalk, placeInviteCall } from '../support/peers/invite-call.js';
import { requirePeers } from '../support/peers/programs.js';
import type { Twinkle } from '../support/peers/twinkle.js';

const timeoutMs = 10_000;
const confirmed = ['Confirmed Dialog', 'Confirmed Dialog'];
const terminated = ['Terminated Dialog', 'Terminated Dialog'];

describe('Two Invite calls of one twinkle at a Kamailio proxy', function () {
  this.timeout(60_000);
  let peers: ProxyDomain;
  let user1: Twinkle;
  let user2: Phone;
  let user3: Twinkle;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip', 'twinkle');
    peers = await startProxyDomain();
    user1 = await peers.startTwinkle({ user: 'user1', toneHz: 400 });
    user2 = await peers.startPhone({ user: 'user2', toneHz: 700 });
    user3 = await peers.startTwinkle({ user: 'user3', toneHz: 1000 });
  });

  after(async () => {
    await peers?.stop();
  });

  it('let the other two talk without it after its attended transfer', async () => {
    const first = await placeInviteCall(peers.container, '/callcontroller/user1/user2', [user2]);
    await user1.answer();
    await first.waitForStates(...confirmed);
    const second = await placeInviteCall(peers.container, '/callcontroller/user1/user3', [user2]);
    user1.switchToSecondLine();
    await user1.answer();
    await user3.answer();
    await second.waitForStates(...confirmed);

    user1.joinLines();
    await expectTwinkleTalk(user3, user2);
    await second.waitForStates(...terminated);
    // baresip knows no Replaces: the call that was to be replaced is still there.
    await first.act('?action=Hangup');
    await first.waitForStates(...terminated);
    await expectNothingLeft(peers.container);
    await expectTwinkleTalk(user3, user2);
    await user2.hangUp();
    await user2.waitUntilIdle(timeoutMs);
  });
});
