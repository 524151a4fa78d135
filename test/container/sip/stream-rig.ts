import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from '../../../container/sip/transport/stream-transport.js';
import type {
  Connection,
  Receiver,
  Source,
  StreamFault,
  Target,
  Transport,
} from '../../../container/sip/transport/transport.js';

/** A message in {@link ReceivedMessages}, and its source. */
export interface Arrival {
  readonly text: string;
  readonly source: Source;
}

/** Records everything that a transport delivers, and waits for more. */
export class Arrivals implements Receiver {
  readonly messages: Arrival[] = [];
  readonly faults: StreamFault[] = [];
  readonly refusals: string[] = [];
  /** Addresses of the domain's proxy. */
  readonly proxies: string[] = [];
  readonly #events = new EventEmitter();
  #taken = 0;

  onMessage(text: Buffer, source: Source): void {
    this.messages.push({ text: text.toString(), source });
    this.#events.emit('arrival');
  }

  onFault(fault: StreamFault, source: Source): void {
    this.faults.push(fault);
    void source.connection?.send(`SIP/2.0 ${fault.status} ${fault.reason}\r\nContent-Length: 0\r\n\r\n`);
    this.#events.emit('arrival');
  }

  isProxy(address: string): boolean {
    return this.proxies.includes(address);
  }

  onRefusal(reason: string): void {
    this.refusals.push(reason);
    this.#events.emit('arrival');
  }

  onError(error: Error): void {
    throw error;
  }

  /** The next message that was not taken. */
  async take(): Promise<Arrival> {
    await this.until(() => this.messages.length > this.#taken);
    const arrival = this.messages[this.#taken++];
    if (!arrival) throw new Error('unreachable');
    return arrival;
  }

  async until(isSo: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(5000);
    while (!isSo()) await once(this.#events, 'arrival', { signal });
  }
}

/** Sends a message. @returns the connection that it took */
export function send(transport: Transport, text: string, to: Target): Promise<Connection | undefined> {
  return new Promise((resolve, reject) => {
    transport.send(text, to, { onSent: (_target, connection) => resolve(connection), onUnsent: reject });
  });
}

export function limits(changes: Partial<StreamLimits>): StreamLimits {
  return { ...DEFAULT_STREAM_LIMITS, ...changes };
}

export function target(port: number, transport: Target['transport'] = 'TCP', host = '127.0.0.1'): Target {
  return { transport, address: '127.0.0.1', port, host };
}

/** A message that is identified by its text. */
export function message(text: string): string {
  return `MESSAGE sip:somebody@127.0.0.1 SIP/2.0\r\nSubject: ${text}\r\nContent-Length: 0\r\n\r\n`;
}

/** Polls until the condition holds, where there is no event. */
export async function eventually(isSo: () => boolean, what: string, timeoutMs = 5000): Promise<void> {
  const untilMs = performance.now() + timeoutMs;
  while (!isSo()) {
    if (performance.now() > untilMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A TCP server whose sockets the test handles by itself. */
export interface PlainServer {
  readonly port: number;
  /** The next connection. */
  accepted(): Promise<Socket>;
  close(): Promise<void>;
}

export async function plainServer(): Promise<PlainServer> {
  const sockets: Socket[] = [];
  const waiting: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    waiting.push(socket);
    socket.on('error', () => undefined);
    server.emit('accepted');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    accepted: async () => {
      const signal = AbortSignal.timeout(5000);
      while (waiting.length === 0) await once(server, 'accepted', { signal });
      const [socket] = waiting.splice(0, 1);
      if (!socket) throw new Error('unreachable');
      return socket;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** All that a socket gets from now on. */
export function textOf(socket: Socket): () => string {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** Waits until a socket is closed, for whatever reason. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** A port where connections are neither accepted nor refused, because its queue is full. */
export interface BlackHole {
  readonly port: number;
  close(): Promise<void>;
}

const blocked = `
  const { createServer, connect } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer();
  server.listen(0, '127.0.0.1', 1, () => {
    const { port } = server.address();
    parentPort.postMessage(port);
    // Blocks the thread, and with it the server.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

export async function openBlackHole(): Promise<BlackHole> {
  const worker = new Worker(blocked, { eval: true });
  const [port]: number[] = await once(worker, 'message');
  if (port === undefined) throw new Error('no port');
  const { connect } = await import('node:net');
  const fillers: Socket[] = [];
  for (let isFull = false; !isFull;) {
    const socket = connect({ port, host: '127.0.0.1' });
    fillers.push(socket.on('error', () => undefined));
    const connected = once(socket, 'connect').then(() => true);
    isFull = !(await Promise.race([connected, new Promise((resolve) => setTimeout(resolve, 300, false))]));
  }
  return {
    port,
    close: async () => {
      for (const socket of fillers) socket.destroy();
      await worker.terminate();
    },
  };
}
