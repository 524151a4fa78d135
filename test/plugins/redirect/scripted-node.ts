import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from '../../support/certificates.js';

/** A request received by the node. */
export interface Received {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Port from which the connection came. */
  readonly from: number | undefined;
}

/** A scripted node of the cluster that records its requests. */
export interface ScriptedNode {
  readonly port: number;
  readonly url: string;
  readonly received: readonly Received[];
  /** Handler of the requests from now on. */
  answer: (response: ServerResponse) => void;
  close(): Promise<void>;
}

/** @param pair speaks HTTPS with it */
export async function startNode(pair?: KeyPair): Promise<ScriptedNode> {
  const received: Received[] = [];
  const server = pair ? createHttpsServer({ key: pair.key, cert: pair.cert }) : createHttpServer();
  server.on('request', (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method, url: target, headers, socket } = incoming;
      received.push({ method, target, headers, body: Buffer.concat(chunks), from: socket.remotePort });
      node.answer(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const node: ScriptedNode = {
    port,
    url: `${pair ? 'https' : 'http'}://127.0.0.1:${port}`,
    received,
    answer: (response) => response.end(),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return node;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: Buffer | string;
}

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request with a target as it is, where `fetch` would put it in order first. @throws Error when the answer is cut off */
export async function send(
  port: number,
  target: string,
  { method = 'GET', headers, body }: Sent = {},
): Promise<Answer> {
  const outgoing = request({ host: '127.0.0.1', port, path: target, method, headers, agent: false, timeout: 10_000 });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() };
}
