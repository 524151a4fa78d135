import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { type Container, startContainer } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { freePorts } from '../support/ports.js';
import { openPage, startBrowser, type WatchedPage } from './browser.js';
import { startCutOff } from './cut-off.js';

const users = ['user1', 'user2', 'user3', 'busy'].map((userName) => ({
  userName,
  identity: `${userName}@example.com`,
  displayName: userName === 'user3' ? '<img src=x onerror=alert(1)>' : `The ${userName}`,
  pin: '123',
  sipPassword: '123',
}));

describe('The console in Chromium, with the telephones of the sandbox', function () {
  this.timeout(60_000);
  let container: Container;
  let webPort: number;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  before(async function () {
    requirePeers(this, 'chromium');
    const port = await freePorts();
    webPort = await freePorts();
    container = await startContainer({
      users,
      webPort,
      sipProxy: `sip:127.0.0.1:${port};lr`,
      plugins: { sandbox: { port, ringMs: 20, answerMs: 200, talkMs: 60_000 } },
    });
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await container?.stop();
  });

  beforeEach(async () => {
    watched = await openPage(browser, { viewport: { width: 1280, height: 900 } });
    ({ page } = watched);
  });

  afterEach('nothing has gone wrong on the page', async () => {
    const { faults } = watched;
    await watched.close();
    expect(faults).to.deep.equal([]);
  });

  async function open(hash = '', base = container.url): Promise<void> {
    await page.goto(`${base}/console${hash}`);
    await page.getByText('live', { exact: true }).waitFor();
  }

  async function place(caller: string, callee: string, method = 'invite'): Promise<void> {
    await page.getByLabel('Who calls').fill(caller);
    await page.getByLabel('Who is called').fill(callee);
    await page.getByLabel('Method').selectOption(method);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
  }

  const progress = (): ReturnType<Page['locator']> => page.locator('.progress');

  it('places a call, holds it, resumes it, transfers it, and hangs up when that is confirmed', async () => {
    await open();
    await place('user1', 'user2');
    await progress().getByText('User1 and user2 are connected.').waitFor();
    const row = page.getByRole('row', { name: /user1 user2 connected/ });
    await row.getByRole('button', { name: 'Hold' }).click();
    await page.getByRole('row', { name: /user1 user2 on hold/ }).waitFor();
    await progress().getByRole('button', { name: 'Resume' }).click();
    await row.waitFor();
    await row.getByRole('button', { name: 'Transfer' }).click();
    await page.getByLabel('User or number').fill('user3');
    await page.getByRole('dialog').getByRole('button', { name: 'Transfer' }).click();
    await progress().getByRole('link', { name: 'See its messages' }).click();
    // The calling party's leg is user3's now; user1's has ended.
    await page.getByText('User1 has left after a transfer, and its target talks to user2.').waitFor();
    await page.getByText(/leg of user1, SIP 200/).waitFor();
    await page.goBack();
    await progress().getByRole('button', { name: 'Hang up' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Hang up' }).click();
    await progress().getByText('ended', { exact: true }).waitFor();
  });

  it('says why a call failed, and keeps it in the history', async () => {
    await open();
    await place('user1', 'busy');
    await progress().getByText('Busy’s telephone was busy (SIP 486 Busy Here).').waitFor();
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('row', { name: /user1 busy failed/ }).waitFor();
    await page.getByText(/not reached/).waitFor();
  });

  it('shows the messages of a call as a ladder, and saves them as a picture', async () => {
    await open();
    await place('user1', 'busy');
    await progress().getByText('Busy’s telephone was busy (SIP 486 Busy Here).').waitFor();
    await progress().getByRole('link', { name: 'See its messages' }).click();
    const arrows = page.getByRole('button', { name: /^486 Busy Here, from callee to controller/ });
    await arrows.click();
    await page.getByRole('complementary').getByText('CSeq').first().waitFor();
    const labels = await page.locator('.arrow .label').allTextContents();
    expect(labels.slice(0, 3)).to.deep.equal(['INVITE', '100 Trying', '407 Proxy Authentication Required']);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as PNG' }).click(),
    ]);
    const png = await readFile(await download.path());
    expect(png.subarray(1, 4).toString()).to.equal('PNG');
  });

  it('shows the service’s own words when it refuses a call', async () => {
    await open();
    await place('user1', 'a b<');
    await page
      .getByRole('alert')
      .getByText(/callee/)
      .waitFor();
    // The browser itself writes every refused request to its console.
    expect(watched.faults.splice(0)).to.have.lengthOf(1);
  });

  it('can be used by the keyboard alone', async () => {
    await open();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('user1');
    await page.keyboard.press('Tab');
    await page.keyboard.type('user2');
    await page.keyboard.press('Enter');
    await progress()
      .getByText(/connected|handed over/)
      .first()
      .waitFor();
  });

  it('completes names from the directory', async () => {
    await open();
    await page.getByLabel('Who is called').pressSequentially('use');
    const options = page.locator('#users option');
    await options.nth(2).waitFor({ state: 'attached' });
    expect(await options.evaluateAll((all) => all.map((option) => option.getAttribute('value')))).to.deep.equal([
      'user1',
      'user2',
      'user3',
    ]);
  });

  it('shows names and subjects with markup as the text that they are', async () => {
    const subject = '<b onmouseover=alert(1)>subject</b>';
    const response = await fetch(`${container.url}/v1/calls`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ caller: 'user3', callee: 'user1', method: 'invite', subject }),
    });
    const { id } = (await response.json()) as { id: string };
    await open(`#/call/${id}`);
    await page.getByText(subject).waitFor();
    expect(await page.locator('main b, main img').count()).to.equal(0);
  });

  it('shows that the stream is cut, and has lost nothing once it is back', async () => {
    const cutOff = await startCutOff(container.httpPort);
    try {
      await open('', cutOff.url);
      cutOff.cut();
      await page.getByText(/The connection is cut since/).waitFor();
      await fetch(`${container.url}/v1/calls`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Prefer: 'wait=10' },
        body: JSON.stringify({ caller: 'user2', callee: 'user3', method: 'invite' }),
      });
      cutOff.mend();
      await page.getByText('live', { exact: true }).waitFor();
      await page.getByRole('row', { name: /user2 user3 connected/ }).waitFor();
      await page.goto('about:blank');
    } finally {
      await cutOff.close();
    }
    // The browser's own errors about the connections that were cut.
    const faults = watched.faults.splice(0);
    expect(faults.filter((fault) => !/net::ERR_/.test(fault))).to.deep.equal([]);
  });

  it('cannot be shown in another site’s frame, and loads nothing from elsewhere', async () => {
    const { headers } = await container.get('/console');
    expect(headers.get('content-security-policy'))
      .to.include("frame-ancestors 'none'")
      .and.include("default-src 'none'");
    expect(headers.get('x-frame-options')).to.equal('DENY');
    const requested: string[] = [];
    page.on('request', (request) => requested.push(new URL(request.url()).origin));
    await open('#/history');
    expect(new Set(requested)).to.deep.equal(new Set([container.url]));
  });

  it('is what the port for browsers leads to, beside the catalogue', async () => {
    const response = await fetch(`http://127.0.0.1:${webPort}/`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).to.deep.equal([302, '/console']);
    await page.goto(`http://127.0.0.1:${webPort}/`);
    await page.getByRole('link', { name: 'Catalogue' }).click();
    await page.getByRole('cell', { name: '/callcontroller' }).waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [400, 800, 1600]) {
      it(`fits a screen of ${width} pixels, and a screen reader finds its way (${colorScheme})`, async () => {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
        for (const view of ['calls', 'history', 'health']) {
          await open(`#/${view}`);
          await page.evaluate(axe);
          const violations = await page.evaluate(async () => {
            const { axe: library } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
            const results = await library.run();
            return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
          });
          expect(violations, view).to.deep.equal([]);
          const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
          expect(overflow, view).to.be.at.most(0);
        }
      });
    }
  }
});

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}
