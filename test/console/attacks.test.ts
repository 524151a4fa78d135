import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { type Container, startContainer } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { openSipSocket, type SipSocket } from '../support/sip-socket.js';
import { openPage, startBrowser } from './browser.js';

/** Markup that would run at once, and change `document.title`. */
const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
const users = ['user1', 'user2'].map((userName) => ({
  userName,
  identity: `${userName}@example.com`,
  displayName: MARKUP,
  sipPassword: '123',
}));

/** Resolves when a request of the page, or of a window opened by the page, is answered or refused by the browser. */
function answerTo(page: Page, base: string): Promise<void> {
  return new Promise((resolve) => {
    const settle = (url: string): void => {
      if (url.startsWith(base)) resolve();
    };
    page.context().on('response', (response) => settle(response.url()));
    page.context().on('requestfailed', (request) => settle(request.url()));
  });
}

interface Call {
  readonly id: string;
  readonly status: string;
}

describe('What others try with the console', function () {
  this.timeout(60_000);
  let phone: SipSocket;
  let container: Container;
  let browser: Browser;
  /** Another site: for the browser `localhost` and 127.0.0.1 are different sites. */
  let site: Server;
  let siteUrl: string;
  let call: Call;

  before(async function () {
    requirePeers(this, 'chromium');
    phone = await openSipSocket(`486 ${MARKUP}`);
    container = await startContainer({ users, logLevel: 'trace', sipProxy: `sip:127.0.0.1:${phone.port};lr` });
    browser = await startBrowser();
    site = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>elsewhere</title>');
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
    const address = site.address();
    siteUrl = `http://localhost:${typeof address === 'object' ? address?.port : 0}/`;
    call = await placeCall();
  });

  after(async () => {
    await browser?.close();
    await container?.stop();
    await phone?.close();
    site?.closeAllConnections();
    site?.close();
  });

  /** A call with markup in every text, including the status line of the called phone. */
  async function placeCall(): Promise<Call> {
    const response = await fetch(`${container.url}/v1/calls`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Prefer: 'wait=10' },
      body: JSON.stringify({
        caller: 'user1',
        callee: 'user2',
        method: 'invite',
        keepSeconds: 3600,
        subject: MARKUP,
        tags: { note: MARKUP },
      }),
    });
    return (await response.json()) as Call;
  }

  const pageOfCall = (): string => `${container.url}/console#/call/${call.id}`;

  describe('by markup: it is shown as the text that it is', () => {
    for (const [where, show] of [
      ['a display name', (page: Page) => showSuggestion(page, container.url)],
      ['a subject', (page: Page) => showCall(page, pageOfCall(), 'Subject')],
      ['a tag', (page: Page) => showCall(page, pageOfCall(), 'Tag note')],
      ['a status line', (page: Page) => showStatusLine(page, pageOfCall())],
      ['the text of a message', (page: Page) => showMessage(page, pageOfCall())],
    ] as const) {
      it(`in ${where}`, async () => {
        const watched = await openPage(browser);
        const { page, faults } = watched;
        expect(await show(page)).to.include(MARKUP);
        expect(await page.locator('main img, main script, datalist img').count()).to.equal(0);
        expect(await page.title()).to.equal('sipxrest console');
        // A script stopped by the policy would still be an element.
        expect(faults).to.deep.equal([]);
        await watched.close();
      });
    }
  });

  describe('from a page of another site', () => {
    const ORDER = '{"caller":"user2","callee":"user1"}';
    const ANSWERED = `.then(() => 'done', () => 'refused')`;
    /** Scripts of that page, each with its result: `sent` if the browser sends the request but hides the answer. */
    const attempts = (base: string, id: string) =>
      ({
        'posts a form to /callcontroller': `
          document.body.innerHTML = '<form method=post target=_blank action="${base}/callcontroller/user2/user1"></form>';
          document.forms[0].submit();
          'sent'`,
        'posts a form with a text that is JSON to /v1': `
          document.body.innerHTML = '<form method=post enctype=text/plain target=_blank action="${base}/v1/calls"><input></form>';
          document.forms[0][0].name = '${ORDER.slice(0, -1)},"subject":"';
          document.forms[0][0].value = '"}';
          document.forms[0].submit();
          'sent'`,
        'posts by fetch, without reading the answer': `
          fetch('${base}/callcontroller/user2/user1', { method: 'POST', mode: 'no-cors' }).then(() => 'sent', () => 'refused')`,
        'posts JSON by fetch': `
          fetch('${base}/v1/calls', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '${ORDER}' })${ANSWERED}`,
        'hangs up by fetch': `fetch('${base}/v1/calls/${id}', { method: 'DELETE' })${ANSWERED}`,
        'reads the calls by fetch': `fetch('${base}/v1/calls')${ANSWERED}`,
        'reads the stream of events': `
          new Promise((resolve) => {
            const source = new EventSource('${base}/v1/events');
            source.addEventListener('stream.open', () => resolve('done'));
            source.addEventListener('error', () => resolve('refused'));
          })`,
        'puts the console into a frame': `
          new Promise((resolve) => {
            const frame = document.createElement('iframe');
            frame.src = '${base}/console';
            frame.onload = () => resolve('sent');
            document.body.append(frame);
          })`,
        'opens the console, and reaches into its window': `
          new Promise((resolve) => {
            const opened = window.open('${base}/console');
            const look = () => {
              try {
                if (opened.closed) resolve('refused');
                else if (opened.document.querySelector('#app')) resolve('done');
                else setTimeout(look, 50);
              } catch {
                resolve('refused');
              }
            };
            look();
          })`,
      }) as const;

    for (const what of Object.keys(attempts('', '')) as (keyof ReturnType<typeof attempts>)[]) {
      it(`${what}: has no effect`, async () => {
        const watched = await openPage(browser);
        const { page } = watched;
        await page.goto(siteUrl);
        const answered = answerTo(page, container.url);
        const outcome: unknown = await page.evaluate(attempts(container.url, call.id)[what]);
        expect(outcome).to.be.oneOf(['sent', 'refused']);
        await answered;
        for (const frame of page.frames()) expect(await frame.locator('#app').count(), frame.url()).to.equal(0);
        await watched.close();
        const { items } = (await (await container.get('/v1/calls?state=all')).json()) as { items: readonly Call[] };
        expect(items).to.deep.equal([call]);
      });
    }
  });
});

async function showSuggestion(page: Page, base: string): Promise<string | null> {
  await page.goto(`${base}/console`);
  await page.getByLabel('Who calls').pressSequentially('user1');
  const option = page.locator('datalist option').first();
  await option.waitFor({ state: 'attached' });
  return option.textContent();
}

async function showCall(page: Page, address: string, title: string): Promise<string | null> {
  await page.goto(address);
  return page.locator('.facts div').filter({ hasText: title }).locator('dd').textContent();
}

async function showStatusLine(page: Page, address: string): Promise<string | null> {
  await page.goto(address);
  await page.getByRole('button', { name: /^486 / }).click();
  await page.locator('.panel h3', { hasText: '486' }).waitFor();
  return page.locator('main').textContent();
}

async function showMessage(page: Page, address: string): Promise<string | null> {
  await page.goto(address);
  await page.getByRole('button', { name: /^INVITE/ }).click();
  return page.locator('.panel pre').textContent();
}
