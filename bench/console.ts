import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import type { CallInfo } from '../sdk/index.js';
import { startBrowser } from '../test/console/browser.js';
import { type Container, startContainer } from '../test/support/container.js';
import type { Benchmark } from './benchmark.js';
import { oursAlone } from './figures.js';
import { count } from './table.js';

const LIVE = 5_000;
/** Number of calls that the page requests at a time. */
const PAGE_SIZE = 500;
const CHANGES_PER_SECOND = 50;
const WATCHED_MS = 10_000;

/** Frame times recorded in the page. */
interface Frames {
  /** From the answer with the last of the calls to the frame after the first rows, in milliseconds. */
  readonly firstPaintMs: number;
  /** The longest time between two frames, and the longest task that blocked the page. */
  readonly longestFrameMs: number;
  readonly longestTaskMs: number;
}

/** The console in Chromium with many live calls, some of which change continually: time to the first rows, and smoothness. */
export const consolePage: Benchmark = async ({ rounds }) => {
  const container = await startContainer();
  const calls = new ChangingCalls(container);
  const browser = await startBrowser();
  try {
    await calls.listen();
    const taken: Frames[] = [];
    for (let round = 0; round < rounds; round++) taken.push(await watch(browser, calls));
    const what = `console with ${count(LIVE)} calls`;
    return [
      figure(
        `${what}, first paint`,
        1_000,
        taken.map(({ firstPaintMs }) => firstPaintMs),
      ),
      figure(
        `${what}, ${CHANGES_PER_SECOND} changes a second, longest frame`,
        100,
        taken.map(({ longestFrameMs }) => longestFrameMs),
      ),
      figure(
        `${what}, ${CHANGES_PER_SECOND} changes a second, longest task`,
        100,
        taken.map(({ longestTaskMs }) => longestTaskMs),
      ),
    ];
  } finally {
    await browser.close();
    await calls.close();
    await container.stop();
  }
};

function figure(what: string, most: number, ours: readonly number[]) {
  return oursAlone({ what, unit: 'ms', target: { of: 'ours', most } }, ours);
}

async function watch(browser: Browser, calls: ChangingCalls): Promise<Frames> {
  const page = await browser.newPage();
  try {
    await page.addInitScript(NOTE_FRAMES);
    await page.goto(`${calls.url}/console`);
    const firstPaintMs = Number(await page.evaluate('noted.firstPaint'));
    const change = calls.change();
    // Skips the first second, in which the page's code is compiled.
    await page.waitForTimeout(1_000);
    await page.evaluate('void noted.again()');
    await page.waitForTimeout(WATCHED_MS);
    const noted = await frames(page);
    change.stop();
    return { firstPaintMs, ...noted };
  } finally {
    await page.close();
  }
}

async function frames(page: Page): Promise<Omit<Frames, 'firstPaintMs'>> {
  return page.evaluate('({ ...noted, again: undefined, firstPaint: undefined })');
}

/** Runs in the page before its own scripts. */
const NOTE_FRAMES = `
  const noted = { longestFrameMs: 0, longestTaskMs: 0 };
  let before = performance.now();
  requestAnimationFrame(function note(now) {
    noted.longestFrameMs = Math.max(noted.longestFrameMs, now - before);
    before = now;
    requestAnimationFrame(note);
  });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) noted.longestTaskMs = Math.max(noted.longestTaskMs, duration);
  }).observe({ entryTypes: ['longtask'] });
  noted.again = () => Object.assign(noted, { longestFrameMs: 0, longestTaskMs: 0 });
  noted.firstPaint = new Promise((resolve) => {
    const look = () => {
      const live = performance.getEntriesByType('resource').filter(({ name }) => name.includes('state=live'));
      if (live.length < ${LIVE / PAGE_SIZE} || document.querySelectorAll('tbody a').length === 0) requestAnimationFrame(look);
      else requestAnimationFrame(() => resolve(performance.now() - Math.max(...live.map(({ responseEnd }) => responseEnd))));
    };
    requestAnimationFrame(look);
  });
  globalThis.noted = noted;`;

/** The console's files from a container, and a `/v1` with simulated calls, some of which change. */
class ChangingCalls {
  readonly #calls = Array.from({ length: LIVE }, (_, index) => newCall(index));
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  #changed = 0;

  constructor(private readonly container: Container) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Holds and resumes one call after the other, and sends the events. */
  change(): { stop(): void } {
    const timer = setInterval(() => this.#changeOne(), 1_000 / CHANGES_PER_SECOND);
    return { stop: () => clearInterval(timer) };
  }

  #changeOne(): void {
    // Some of the calls are in view, most are not.
    const index = (this.#changed * 7) % LIVE;
    const before = this.#calls[index];
    if (!before) return;
    this.#changed += 1;
    const call = { ...before, isHeld: !before.isHeld, revision: before.revision + 1 };
    this.#calls[index] = call;
    const type = call.isHeld ? 'call.held' : 'call.resumed';
    const id = `a-${this.#changed}`;
    const timestamp = new Date().toISOString();
    const data = JSON.stringify({ id, type, timestamp, sequence: call.revision, data: { call } });
    for (const stream of this.#streams) stream.write(`id: ${id}\nevent: ${type}\ndata: ${data}\n\n`);
  }

  async #answer({ url: path = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(path, this.url);
    if (url.pathname === '/v1/calls') this.#list(url.searchParams, response);
    else if (url.pathname === '/v1/events') this.#stream(response);
    else await this.#pass(path, response);
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const first = Number(query.get('cursor') ?? 0);
    const last = first + Number(query.get('limit'));
    const items = query.get('state') === 'live' ? this.#calls.slice(first, last) : [];
    const next = items.length > 0 && last < LIVE ? { next: String(last) } : {};
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ items, ...next }));
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('event: stream.open\ndata: {}\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  async #pass(path: string, response: ServerResponse): Promise<void> {
    const answer = await this.container.get(path);
    for (const name of ['content-type', 'content-security-policy'])
      response.setHeader(name, answer.headers.get(name) ?? '');
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  }
}

/** Newest first, as in the list. */
function newCall(index: number): CallInfo {
  const number = String(LIVE - index).padStart(12, '0');
  return {
    id: `019a0000-0000-7000-8000-${number}`,
    status: 'connected',
    isFinal: false,
    method: 'invite',
    control: 'full',
    caller: `user${index}@example.com`,
    callee: `other${index}@example.com`,
    agent: `user${index}@example.com`,
    isHeld: false,
    createdAt: '2026-01-01T10:00:00.000Z',
    callerAnsweredAt: '2026-01-01T10:00:02.000Z',
    connectedAt: '2026-01-01T10:00:05.000Z',
    legs: [
      { role: 'caller', sipCallId: `${number}a@127.0.0.1`, state: 'answered', sipStatus: 200 },
      { role: 'callee', sipCallId: `${number}b@127.0.0.1`, state: 'answered', sipStatus: 200 },
    ],
    node: '127.0.0.1:6050',
    revision: 3,
  };
}
