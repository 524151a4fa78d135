import { expect } from 'chai';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { z } from 'zod';
import { CORPUS } from '../fixtures/sip/corpus.js';
import { type Container, startContainer } from '../support/container.js';
import { freePorts } from '../support/ports.js';
import type { StatusLine } from '../support/status-lines.js';

const messages = 200_000;
/** Datagrams in flight at a time: the kernel would drop more. */
const batch = 50;
const heapMiB = 1024 * 1024;

const diagnostics = z.object({ sip: z.record(z.string(), z.number()), heapUsedBytes: z.number() });

describe(`${messages} damaged SIP messages`, function () {
  this.timeout(300_000);
  let container: Container;
  let socket: Socket;

  before(async () => {
    const port = await freePorts();
    container = await startContainer({
      sipProxy: `sip:127.0.0.1:${port};lr`,
      sipT1Ms: 20,
      logLevel: 'error',
      plugins: { sandbox: { port, ringMs: 10, answerMs: 50, talkMs: 500 } },
    });
    socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  });

  after(async () => {
    socket?.close();
    await container?.stop();
  });

  it('neither stop the process nor stay in its memory, and a call afterwards works', async () => {
    const damage = damager(4475);
    await send(damage, messages / 10);
    const before = await state();
    await send(damage, messages - messages / 10);
    const after = await state();
    expect(after.heapUsedBytes - before.heapUsedBytes, 'bytes that were left').to.be.below(64 * heapMiB);

    const path = '/callcontroller/user1/user2';
    expect((await container.post(path)).status).to.equal(200);
    await container.waitForStatus(path, (lines) => lines.some(isConnected), 20_000);
    expect(container.logLines().filter((line) => line.includes('"error"'))).to.deep.equal([]);
  });

  /** Sends in batches, each followed by an OPTIONS whose answer proves that the batch was read. */
  async function send(damage: () => Buffer, count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += batch) {
      for (let i = 0; i < batch; i++) socket.send(damage(), container.sipPort, '127.0.0.1');
      await answerTo(sent);
    }
  }

  async function answerTo(number: number): Promise<void> {
    const callId = `alive-${number}`;
    const options = `OPTIONS sip:callcontroller@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK${callId};rport\r\nFrom: <sip:test@127.0.0.1>;tag=1\r\nTo: <sip:callcontroller@127.0.0.1>\r\nCall-ID: ${callId}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n`;
    const answered = new Promise<void>((resolve) => {
      const onMessage = (datagram: Buffer): void => {
        if (!datagram.includes(callId)) return;
        socket.off('message', onMessage);
        resolve();
      };
      socket.on('message', onMessage);
    });
    const repeat = setInterval(() => socket.send(options, container.sipPort, '127.0.0.1'), 200);
    socket.send(options, container.sipPort, '127.0.0.1');
    await answered;
    clearInterval(repeat);
  }

  async function state(): Promise<z.output<typeof diagnostics>> {
    return diagnostics.parse(await (await container.get('/diagnostics')).json());
  }
});

function isConnected({ method, statusLine }: StatusLine): boolean {
  return method === 'NOTIFY' && statusLine === 'SIP/2.0 200 OK';
}

/** Makes damaged copies of valid messages, the same ones in each run. */
function damager(seed: number): () => Buffer {
  let random = seed;
  const below = (limit: number): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 2 ** 32) * limit);
  };
  const originals = CORPUS.map(({ text }) => Buffer.from(text));
  return () => {
    let message: Buffer = Buffer.from(originals[below(originals.length)] ?? '');
    for (let count = below(4); count >= 0; count--) message = damaged(message, below);
    return message.subarray(0, 9_000);
  };
}

/** Changes, removes, doubles or inserts a piece. */
function damaged(message: Buffer, below: (limit: number) => number): Buffer {
  const at = below(message.length);
  const end = at + 1 + below(12);
  const piece = message.subarray(at, end);
  switch (below(5)) {
    case 0:
      message[at] = below(256);
      return message;
    case 1:
      return Buffer.concat([message.subarray(0, at), message.subarray(end)]);
    case 2:
      return Buffer.concat([message.subarray(0, end), piece, message.subarray(end)]);
    case 3:
      return Buffer.concat([
        message.subarray(0, at),
        Buffer.from(INSERTS[below(INSERTS.length)] ?? ''),
        message.subarray(at),
      ]);
    default:
      return message.subarray(0, at);
  }
}

const INSERTS = [
  '\r\n',
  '\r\n\r\n',
  '"',
  '<',
  '>',
  ';',
  ',',
  '\0',
  '%',
  '\\',
  ' ',
  ':',
  '@',
  'Content-Length: 99999\r\n',
  '\u00e9',
];
