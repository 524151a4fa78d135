import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { startContainer } from '../support/container.js';
import { freePorts } from '../support/ports.js';
import { openPage, startBrowser } from './browser.js';

/*
 * Renews the pictures in docs/images: the views of the console, with calls between the telephones of the sandbox.
 * Run by `npm run screenshots`.
 */

const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'busy', 'noanswer', 'reject'];
const behaviours = new Map([
  ['busy', 'busy'],
  ['noanswer', 'noanswer'],
  ['reject', 'reject'],
]);
const users = names.map((userName) => ({
  userName,
  identity: `${userName}@example.com`,
  displayName: userName,
  pin: '123',
  sipPassword: '123',
}));

const port = await freePorts();
const container = await startContainer({
  users,
  sipProxy: `sip:127.0.0.1:${port};lr`,
  plugins: {
    sandbox: {
      port,
      ringMs: 40,
      answerMs: 900,
      talkMs: 600_000,
      users: names.map((userName) => ({ userName, password: '123', behaviour: behaviours.get(userName) ?? 'answer' })),
    },
  },
});
const browser = await startBrowser();

async function place(caller: string, callee: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const response = await fetch(`${container.url}/v1/calls`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Prefer: 'wait=5' },
    body: JSON.stringify({ caller, callee, method: 'invite', ...more }),
  });
  return ((await response.json()) as { id: string }).id;
}

async function take(
  name: string,
  colorScheme: 'light' | 'dark',
  path: string,
  ready: (page: Page) => Promise<unknown>,
  height = 760,
) {
  const watched = await openPage(browser, { viewport: { width: 1200, height }, colorScheme });
  const { page } = watched;
  await page.goto(`${container.url}${path}`);
  if (path.startsWith('/console')) await page.getByText('live', { exact: true }).waitFor();
  await ready(page);
  await page.evaluate('scrollTo(0, 0)');
  await page.screenshot({ path: `${folder}${name}.png` });
  await watched.close();
}

try {
  await mkdir(folder, { recursive: true });
  const [failed] = await Promise.all([
    place('alice', 'busy'),
    place('bob', 'reject', { method: 'refer' }),
    place('carol', 'alice', { method: 'refer' }),
  ]);
  const [, , held] = await Promise.all([
    place('alice', 'bob', { subject: 'Quarterly figures' }),
    place('carol', 'dave'),
    place('erin', 'frank'),
  ]);
  const hold = await fetch(`${container.url}/v1/calls/${held}/hold`, { method: 'POST' });
  if (!hold.ok) throw new Error(await hold.text());
  await Promise.all([place('dave', 'noanswer', { method: 'refer' }), place('noanswer', 'bob', { agent: 'bob' })]);
  await take('calls', 'light', '/console', async (page) => page.getByText('on hold').first().waitFor());
  await take('calls-dark', 'dark', '/console', async (page) => page.getByText('on hold').first().waitFor());
  await take(
    'call',
    'light',
    `/console#/call/${failed}`,
    async (page) => page.getByRole('button', { name: /^486/ }).first().click(),
    960,
  );
  await take('history', 'light', '/console#/history', async (page) =>
    page
      .getByText(/talked/)
      .first()
      .waitFor(),
  );
  await take('health', 'light', '/console#/health', async (page) => page.getByText('callcontroller').first().waitFor());
  await take('catalogue', 'light', '/catalogue', async (page) => page.getByText('callcontroller').first().waitFor());
} finally {
  await browser.close();
  await container.stop();
}
