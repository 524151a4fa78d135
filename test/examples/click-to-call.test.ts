import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../console/browser.js';
import { type Container, startContainer, usersOf } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { freePorts } from '../support/ports.js';

const page = readFileSync(fileURLToPath(new URL('../../../examples/place-a-call/click-to-call.html', import.meta.url)));
const busy = { userName: 'busy', identity: 'busy@example.com', displayName: 'Busy', pin: '123', sipPassword: '123' };

describe('The click-to-call button, in Chromium on a page of another site', function () {
  this.timeout(60_000);
  let container: Container;
  let browser: Browser;
  let webPort: number;
  let own: string;
  const sites: Server[] = [];

  before(async function () {
    requirePeers(this, 'chromium');
    own = await serve();
    const port = await freePorts();
    webPort = await freePorts();
    container = await startContainer({
      users: [...usersOf('example.com'), busy],
      sipProxy: `sip:127.0.0.1:${port};lr`,
      webPort,
      webOrigins: [own],
      plugins: { sandbox: { port, ringMs: 10, answerMs: 50, talkMs: 5_000 } },
    });
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await container?.stop();
    for (const site of sites) site.close().closeAllConnections();
  });

  /** A site of its own that has the page. @returns its origin */
  async function serve(): Promise<string> {
    const site = createServer((_, response) => response.setHeader('content-type', 'text/html').end(page));
    sites.push(site.listen(0, '127.0.0.1'));
    await once(site, 'listening');
    return originOf(site);
  }

  async function click(origin: string, name: string): Promise<string> {
    const tab = await browser.newPage();
    await tab.goto(`${origin}/?service=http://127.0.0.1:${webPort}`);
    await tab.getByRole('button', { name }).click();
    const output = tab.locator('p', { has: tab.getByRole('button', { name }) }).locator('output');
    await output.filter({ hasNotText: 'calling' }).filter({ hasText: /./ }).waitFor();
    const text = await output.textContent();
    await tab.close();
    return text ?? '';
  }

  it('connects two users, and shows that one is busy, if webOrigins names the site', async () => {
    expect(await click(own, 'Call user2')).to.equal('connected');
    expect(await click(own, 'Call busy')).to.equal('calleeBusy');
  });

  it('places no call from any other site', async () => {
    const before = await count();
    expect(await click(await serve(), 'Call user2')).to.equal('the service cannot be reached');
    expect(await count()).to.equal(before);
  });

  async function count(): Promise<number> {
    const { items } = (await (await container.get('/v1/calls')).json()) as { items: unknown[] };
    return items.length;
  }
});

function originOf(site: Server): string {
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
}
