import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answer to a request; `undefined` stands for an answer that is cut off. */
export type ScriptedAnswer = { readonly status?: number; readonly type?: string; readonly body: string } | undefined;

/** A server that answers each request with the next of its answers. */
export interface ScriptedServer {
  readonly url: string;
  /** The request, for example `GET /path?query`, and its body. */
  readonly requests: readonly string[];
  readonly answers: ScriptedAnswer[];
  stop(): Promise<void>;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const requests: string[] = [];
  const answers: ScriptedAnswer[] = [];
  const server = createServer((request, response) => {
    const chunks: string[] = [];
    request.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    request.once('end', () => {
      requests.push([request.method, request.url, ...chunks].join(' '));
      const answer = answers.shift();
      const { status = 200, type = 'application/json' } = answer ?? {};
      if (answer) response.writeHead(status, { 'content-type': type }).end(answer.body);
      else response.writeHead(status, { 'content-length': 100 }).write('<', () => response.destroy());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, answers, stop };
}
