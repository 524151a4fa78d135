import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Container, startContainer } from '../support/container.js';
import { programPath, requirePeers } from '../support/peers/programs.js';
import { freePorts } from '../support/ports.js';
import { openSipSocket, type SipSocket } from '../support/sip-socket.js';

const call = '/callcontroller/user1/user2';
const startTimeoutMs = 60_000;

describe('A page in Chromium', function () {
  let proxy: SipSocket;
  let site: Server;
  let sitePort: number;
  let webPort: number;
  let publicPort: number;
  let container: Container;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(startTimeoutMs);
    requirePeers(this, 'chromium');
    proxy = await openSipSocket('486 Busy Here');
    site = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end('<p>hello</p>'));
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    sitePort = (site.address() as AddressInfo).port;
    webPort = await freePorts();
    publicPort = await freePorts();
    container = await startContainer({
      sipProxy: `sip:127.0.0.1:${proxy.port};lr`,
      webPort,
      publicHttpPort: publicPort,
      webOrigins: [`http://crm.test:${sitePort}`],
    });
    browser = await chromium.launch({
      executablePath: programPath('chromium'),
      // Chromium asks its user before a page reaches a local address, where the page says by fetch that it wants to; it is not asked here.
      args: [
        '--no-sandbox',
        '--host-resolver-rules=MAP *.test 127.0.0.1',
        '--disable-features=LocalNetworkAccessChecks',
      ],
    });
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await context.newPage();
  });

  after(async () => {
    await browser?.close();
    await container?.stop();
    await proxy?.close();
    site?.close();
  });

  const invites = (): number => proxy.messages.filter((message) => message.startsWith('INVITE ')).length;

  async function open(host: string): Promise<void> {
    await page.goto(`http://${host}:${sitePort}/`);
  }

  /** Sends a form in the page's own window, as a click would. @returns the status of the answer */
  async function sendForm(action: string): Promise<number | undefined> {
    const answer = page.waitForResponse((response) => response.url() === action);
    await page.setContent(`<form method="post" action="${action}"><button>Send</button></form>`);
    await page.click('button');
    return (await answer).status();
  }

  /** Sends a request from a script of the page. @returns the status, or the error where the page may not know */
  async function fetchIn(url: string, options: RequestInit = {}): Promise<string> {
    return page.evaluate(
      async ([target, init]) =>
        fetch(target, init).then(
          (response) => String(response.status),
          (error: unknown) => String(error),
        ),
      [url, options] as const,
    );
  }

  it('of this container places a call', async () => {
    await page.goto(`http://127.0.0.1:${webPort}/`);
    const before = invites();
    expect(await fetchIn(call, { method: 'POST' })).to.equal('200');
    await proxy.waitFor(() => invites() > before, 5_000);
    expect(await sendForm(`http://127.0.0.1:${webPort}${call}`)).to.equal(200);
  });

  it('of webOrigins places a call, and reads what became of it and why it was refused', async () => {
    await open('crm.test');
    const url = `http://127.0.0.1:${webPort}${call}`;
    const before = invites();
    expect(await fetchIn(url, { method: 'POST', headers: { 'X-Request-Id': 'a1' } })).to.equal('200');
    await proxy.waitFor(() => invites() > before, 5_000);
    expect(await fetchIn(url)).to.equal('200');
    expect(await fetchIn(`${url}?timeout=abc`, { method: 'POST' })).to.equal('400');
  });

  it('of another site places none, neither by a form nor by a script, on any listener', async () => {
    const before = invites();
    for (const base of [
      `http://127.0.0.1:${webPort}`,
      `http://127.0.0.1:${container.httpPort}`,
      `http://pbx.example.test:${webPort}`,
      `https://127.0.0.1:${publicPort}`,
    ]) {
      await open('attacker.test');
      expect(await fetchIn(base + call, { method: 'POST' }), base).to.equal('TypeError: Failed to fetch');
      expect(await fetchIn(base + call, { method: 'POST', mode: 'no-cors' }), base).to.equal('0');
      expect(await sendForm(base + call), base).to.equal(base.includes('.test') ? 421 : 403);
    }
    expect(invites()).to.equal(before);
  });

  it('reads nothing under a host name that leads here and is of another site', async () => {
    for (const base of [`http://rebound.test:${webPort}`, `https://rebound.test:${publicPort}`]) {
      expect((await page.goto(`${base}/diagnostics`))?.status(), base).to.equal(421);
      expect(await fetchIn('/diagnostics'), base).to.equal('421');
      const disguised = {
        headers: { 'User-Agent': 'curl', 'Accept-Language': '' },
        referrerPolicy: 'no-referrer',
      } as const;
      expect(await fetchIn('/diagnostics', disguised), base).to.equal('421');
    }
  });
});
