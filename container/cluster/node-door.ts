import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { sendError } from '../http/xml-errors.js';
import { type Answer, thrownOf } from './asks.js';
import { SignatureCheck } from './signature.js';

/** Larger than any request between nodes. */
const MAX_BODY_BYTES = 65_536;

export interface NodeDoorOptions {
  /** Name of this node. */
  readonly self: string;
  readonly secret: () => string | undefined;
  readonly nowMs: () => number;
  readonly answer: (question: string, data: unknown) => Promise<unknown>;
}

/** Admits the other nodes, and nobody else. */
export function nodeDoor({ self, secret, nowMs, answer }: NodeDoorOptions): RequestListener {
  const check = new SignatureCheck(self);
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = incoming.method === 'POST' ? await bodyOf(incoming) : undefined;
    const shared = secret();
    const header = (name: string): string | undefined => incoming.headers[name]?.toString();
    if (body === undefined || shared === undefined || !check.isGenuine(shared, header, body, nowMs())) {
      sendError(response, 403, 'Only the nodes of this service ask here');
      return;
    }
    const { question, data } = JSON.parse(body) as { readonly question: string; readonly data: unknown };
    const result = await answerOf(answer, question, data);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result));
  };
  return (incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  };
}

async function answerOf(answer: NodeDoorOptions['answer'], question: string, data: unknown): Promise<Answer> {
  try {
    return { value: question === 'ping' ? true : await answer(question, data) };
  } catch (error) {
    return { thrown: thrownOf(error) };
  }
}

/** Undefined if it is too long. */
async function bodyOf(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
