import { once } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { ApiHost } from '../client.js';

/** Published by Node for each request, with the response that it will get. */
const REQUESTS = 'http.server.request.start';
/** More events than a reader may be behind: of each call there are two at least. */
const CALLS_BEHIND = 200;
/** Of these fewer than 256 reach 1 MiB: the longest tags that an order may have, in characters of three bytes. */
const tags = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`tag${index}`, '€'.repeat(256)]));
/** What a reader may be behind, in characters, in bytes of UTF-8, and the event that was being written when the kernel took no more. */
const MOST_BYTES = 2 * 3 * 1_048_576;

const limits = {
  callsPerSecond: 10_000,
  callsPerSecondPerAgent: 10_000,
  callsInSetup: 5_000,
  recordsKept: 5_000,
  eventLoopDelayMs: 60_000,
};

describe('A reader of /v1/events that stops reading', function () {
  this.timeout(60_000);
  let api: ApiHost;
  let placed = 0;

  before(async () => {
    api = await ApiHost.start({ limits });
  });

  after(async () => {
    await api.host.stop();
  });

  async function place(): Promise<void> {
    placed += 1;
    // Of other parties each time: a call between the same two takes the place of the one before.
    const order = { caller: 'busy', callee: String(placed), agent: 'user1', method: 'refer', tags };
    expect((await api.send('POST', '/v1/calls', order, { prefer: 'wait=20' })).status).to.equal(201);
  }

  async function placeCalls(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 10) await Promise.all(Array.from({ length: 10 }, place));
  }

  it('costs bounded memory, gets one stream.reset when it reads on, and continues from there', async () => {
    const { socket, response } = await openStream(api.host.httpPort);
    try {
      socket.pause();
      let heldBytes: number;
      do {
        heldBytes = response.writableLength;
        await placeCalls(CALLS_BEHIND);
        expect(response.writableLength).to.be.at.most(MOST_BYTES);
        // Until the kernel has taken what it takes, and none of the events of so many calls has left the stream.
      } while (heldBytes === 0 || response.writableLength !== heldBytes);

      const text = collect(socket);
      await text.until(/^event: stream\.reset$/m);
      await placeCalls(10);
      const last = (await api.send('GET', '/v1/calls?limit=1')).body as unknown as { items: { id: string }[] };
      const id = last.items[0]?.id ?? expect.fail('no call');
      await text.until(new RegExp(`^event: call\\.ended\\ndata: .*"id":"${id}"`, 'm'));
      expect(text.text().match(/^event: stream\.reset$/gm)).to.have.length(1);
    } finally {
      socket.destroy();
    }
  });
});

/** Opens the stream over a socket of its own. @returns the socket, once the stream is open, and the response at the other end of it */
async function openStream(port: number): Promise<{ readonly socket: Socket; readonly response: ServerResponse }> {
  let response: ServerResponse | undefined;
  const onRequest = (message: unknown): void => {
    response = (message as { readonly response: ServerResponse }).response;
  };
  subscribe(REQUESTS, onRequest);
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  unsubscribe(REQUESTS, onRequest);
  return { socket, response: response ?? expect.fail('no request') };
}

/** Reads on, and keeps what comes. */
function collect(socket: Socket) {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.resume();
  return {
    text: () => text,
    until: async (wanted: RegExp): Promise<void> => {
      while (!wanted.test(text)) await once(socket, 'data');
    },
  };
}
