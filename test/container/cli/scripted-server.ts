import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that takes every POST, and answers each GET with the next of its documents. */
export interface ScriptedServer {
  readonly url: string;
  /** What was asked, for example `GET /path?query`. */
  readonly requests: readonly string[];
  /** `undefined` stands for one that is cut off. */
  readonly documents: (string | undefined)[];
  stop(): Promise<void>;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const requests: string[] = [];
  const documents: (string | undefined)[] = [];
  const server = createServer(({ method, url }, response) => {
    requests.push(`${method} ${url}`);
    const document = method === 'GET' ? documents.shift() : '';
    if (document !== undefined) response.end(document);
    else response.writeHead(200, { 'Content-Length': 100 }).write('<', () => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, documents, stop };
}
