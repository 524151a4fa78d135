import type { IncomingMessage, ServerResponse } from 'node:http';
import { mock } from 'node:test';
import { expect } from 'chai';
import { HttpListener } from '../../../container/http/listener.js';
import { RawClient } from './raw-client.js';

const graceMs = 2_000;

describe('A listener that is closed', () => {
  let listener: HttpListener;
  let waiting: (() => void)[];

  beforeEach(async () => {
    waiting = [];
    listener = await HttpListener.open('127.0.0.1', 0, (request: IncomingMessage, response: ServerResponse) => {
      const answer = (): unknown => response.end(`answer to ${request.url}`);
      if (request.url === '/slow') waiting.push(answer);
      else answer();
    });
  });

  afterEach(() => mock.timers.reset());

  async function connected(text: string): Promise<RawClient> {
    const client = await RawClient.connect(listener.port);
    client.send(text);
    return client;
  }

  it('closes the connections that clients keep for later', async () => {
    const client = await connected('GET /quick HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.until('answer to /quick');
    await listener.close();
    await client.closed();
  });

  it('answers current requests, and then closes their connections', async () => {
    const client = await connected('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => waiting.length > 0);
    const closed = listener.close();
    waiting[0]?.();
    expect(await client.closed()).to.include('answer to /slow');
    await closed;
  });

  for (const [what, sent] of [
    ['has said nothing', ''],
    ['is in the middle of its request', 'POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf'],
    ['has not sent all headers', 'GET /slow HTTP/1.1\r\nHost'],
    ['is never answered', 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'],
  ] as const) {
    it(`waits no longer than its grace period for a client that ${what}`, async () => {
      const client = await connected('GET /quick HTTP/1.1\r\nHost: x\r\n\r\n' + sent);
      await client.until('answer to /quick');
      mock.timers.enable({ apis: ['setTimeout'] });
      const closed = listener.close();
      mock.timers.tick(graceMs);
      await closed;
      await client.closed();
    });
  }

  it('does not wait for a refused client that goes on talking', async () => {
    const client = await connected('nonsense\r\n\r\n');
    await client.until('</processing-status>');
    client.send('more nonsense');
    await listener.close();
    await client.closed();
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
