import { expect } from 'chai';
import type { Browser, Route } from 'playwright-core';
import { type Container, startContainer } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { openPage, startBrowser, type WatchedPage } from './browser.js';

const MANY = 5_000;
const PAGE_SIZE = 1_000;

/** Simulated calls in the format of `/v1`, instead of placing so many. */
const calls = Array.from({ length: MANY }, (_, index) => ({
  id: `019a0000-0000-7000-8000-${String(MANY - index).padStart(12, '0')}`,
  status: 'connected',
  isFinal: false,
  method: 'invite',
  control: 'full',
  caller: `user${index}@example.com`,
  callee: `other${index}@example.com`,
  agent: 'user1@example.com',
  createdAt: '2026-01-01T10:00:00.000Z',
  connectedAt: '2026-01-01T10:00:05.000Z',
  legs: [],
  node: 'a',
  revision: 3,
}));

describe('The console with 5,000 calls', function () {
  this.timeout(60_000);
  let container: Container;
  let browser: Browser;
  let watched: WatchedPage;

  before(async function () {
    requirePeers(this, 'chromium');
    container = await startContainer();
    browser = await startBrowser();
    watched = await openPage(browser);
    await watched.page.route('**/v1/calls?*', answer);
    await watched.page.goto(`${container.url}/console`);
    await watched.page.getByRole('link', { name: 'user0', exact: true }).waitFor();
  });

  after(async () => {
    await browser?.close();
    await container?.stop();
  });

  it('draws no more rows than can be seen', async () => {
    expect(await watched.page.locator('tbody tr').count()).to.be.below(60);
    expect(await watched.page.locator('.count').textContent()).to.equal(String(MANY));
  });

  it('shows the last of them at the end of the table', async () => {
    await watched.page.locator('.table-frame').evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
    await watched.page.getByRole('link', { name: `user${MANY - 1}`, exact: true }).waitFor();
  });

  it('finds one of them by its user', async () => {
    await watched.page.getByPlaceholder('user, subject, id').fill('other4321');
    await watched.page.getByRole('link', { name: 'user4321', exact: true }).waitFor();
    expect(await watched.page.locator('tbody tr').count()).to.equal(1);
  });
});

async function answer(route: Route): Promise<void> {
  const query = new URL(route.request().url()).searchParams;
  const first = Number(query.get('cursor') ?? 0);
  const last = first + PAGE_SIZE;
  const items = query.get('state') === 'live' ? calls.slice(first, last) : [];
  await route.fulfill({ json: { items, ...(items.length > 0 && last < MANY && { next: String(last) }) } });
}
