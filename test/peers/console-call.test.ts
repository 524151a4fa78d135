import { expect } from 'chai';
import type { Browser, Locator, Page } from 'playwright-core';
import { openPage, startBrowser, type WatchedPage } from '../console/browser.js';
import type { Phone } from '../support/peers/baresip.js';
import { type PeerDomain, startPeerDomain } from '../support/peers/domain.js';
import { expectSilence, expectTalk } from '../support/peers/invite-call.js';
import { requirePeers } from '../support/peers/programs.js';

const timeoutMs = 10_000;

describe('The console, with baresip phones at a Kamailio proxy', function () {
  this.timeout(90_000);
  let peers: PeerDomain;
  let user1: Phone;
  let user2: Phone;
  let user3: Phone;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  before(async function () {
    requirePeers(this, 'chromium', 'kamailio', 'baresip');
    peers = await startPeerDomain();
    ({ user1, user2 } = peers);
    user3 = await peers.startPhone({ user: 'user3', toneHz: 1000 });
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await peers?.stop();
  });

  beforeEach(async () => {
    watched = await openPage(browser);
    ({ page } = watched);
    await page.goto(`${peers.container.url}/console`);
    await page.getByText('live', { exact: true }).waitFor();
  });

  afterEach('nothing has gone wrong on the page, and each phone is idle again', async () => {
    const { faults } = watched;
    await watched.close();
    expect(faults).to.deep.equal([]);
    for (const phone of [user1, user2, user3]) await phone.waitUntilIdle(timeoutMs);
  });

  async function place(caller: string, callee: string, method: string): Promise<void> {
    await page.getByLabel('Who calls').fill(caller);
    await page.getByLabel('Who is called').fill(callee);
    await page.getByLabel('Method').selectOption(method);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
  }

  const row = (words: string): Locator => page.getByRole('row', { name: new RegExp(words) });
  const dialog = (): Locator => page.getByRole('dialog');

  it('places a call, watches it, holds and resumes it, transfers it, and hangs up', async () => {
    await place('user1', 'user2', 'invite');
    await row('user1 user2 connected').waitFor();
    await expectTalk(user1, user2);
    await row('user1 user2').getByRole('button', { name: 'Hold' }).click();
    await row('user1 user2 on hold').waitFor();
    await expectSilence(user1, user2);
    await row('user1 user2').getByRole('button', { name: 'Resume' }).click();
    await row('user1 user2 connected').waitFor();
    await expectTalk(user1, user2);
    await row('user1 user2').getByRole('button', { name: 'Transfer' }).click();
    await dialog().getByLabel('User or number').fill('user3');
    await dialog().getByRole('button', { name: 'Transfer' }).click();
    await expectTalk(user3, user2);
    await user1.waitUntilIdle(timeoutMs);
    await page.getByRole('link', { name: 'See its messages' }).click();
    await page.getByText('leg of user3, SIP 200').waitFor();
    await page.getByRole('button', { name: /^BYE, from controller to caller/ }).waitFor();
    await page.getByRole('button', { name: 'Hang up' }).click();
    await dialog().getByRole('button', { name: 'Hang up' }).click();
    await page.getByText('ended', { exact: true }).first().waitFor();
  });

  it('says that the phones have a call that was handed over, and why another failed', async () => {
    await place('user1', 'user2', 'refer');
    await page.getByText('User1 and user2 were connected, and go on by themselves.').waitFor();
    await expectTalk(user1, user2);
    await user1.hangUp();
    await place('user2', 'nobody', 'invite');
    await page.getByText(/Nobody could not be reached \(SIP 404 /).waitFor();
  });
});
