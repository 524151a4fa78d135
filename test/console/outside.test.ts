import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { type Container, startContainer, usersOf } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { freePorts } from '../support/ports.js';
import { openPage, startBrowser, type WatchedPage } from './browser.js';

const UNKNOWN = 'There is no such call';

describe('The console outside, after a login', function () {
  this.timeout(60_000);
  let container: Container;
  let url: string;
  let browser: Browser;
  let watched: WatchedPage;

  before(async function () {
    requirePeers(this, 'chromium');
    const port = await freePorts();
    const publicHttpPort = await freePorts();
    container = await startContainer({
      users: usersOf('example.com'),
      publicHttpPort,
      sipProxy: `sip:127.0.0.1:${port};lr`,
      plugins: { sandbox: { port, ringMs: 20, answerMs: 50, talkMs: 60_000 } },
    });
    url = `https://127.0.0.1:${publicHttpPort}/console`;
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await container?.stop();
  });

  afterEach(async () => {
    await watched.close();
  });

  async function openAs(username: string, password = '123'): Promise<void> {
    watched = await openPage(browser, { ignoreHTTPSErrors: true, httpCredentials: { username, password } });
    await watched.page.goto(url);
  }

  /** Places a call from inside. */
  async function place(caller: string, callee: string): Promise<string> {
    const response = await fetch(`${container.url}/v1/calls`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Prefer: 'wait=10' },
      body: JSON.stringify({ caller, callee, method: 'invite' }),
    });
    return ((await response.json()) as { id: string }).id;
  }

  it('shows a user the own calls, from the list and from the stream, and nobody else’s', async () => {
    const others = await place('user2', 'user1');
    await openAs('user1');
    const { page, faults } = watched;
    await page.getByText('Calls of user1').waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    await place('user3', 'user1');
    await page.getByLabel('Who calls').fill('user1');
    await page.getByLabel('Who is called').fill('user2');
    await page.getByLabel('Method').selectOption('invite');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('row', { name: /user1 user2 connected/ }).waitFor();
    await page.reload();
    await page.getByRole('row', { name: /user1 user2 connected/ }).waitFor();
    // The first row is the heading.
    expect(await page.getByRole('row').count()).to.equal(2);
    expect(faults).to.deep.equal([]);
    await page.goto(`${url}#/call/${others}`);
    await page.getByText(UNKNOWN).waitFor();
    expect(
      faults.every((fault) => fault.includes('404')),
      String(faults),
    ).to.equal(true);
  });

  it('does not show the health of the container', async () => {
    await openAs('user1');
    const { page } = watched;
    await page.getByText('live', { exact: true }).waitFor();
    const links = await page.getByRole('navigation').getByRole('link').allTextContents();
    expect(links.map((text) => text.replace(/\d+$/, ''))).to.deep.equal(['Calls', 'History']);
    const statuses = await page.evaluate(async () => {
      const paths = ['/diagnostics', '/readyz', '/metrics', '/catalogue'];
      return Promise.all(paths.map(async (path) => (await fetch(path)).status));
    });
    expect(statuses).to.deep.equal([404, 404, 404, 404]);
  });

  it('is not there for a wrong PIN', async () => {
    await openAs('user1', '1234').catch(() => undefined);
    expect(await watched.page.locator('#app').count()).to.equal(0);
  });
});
