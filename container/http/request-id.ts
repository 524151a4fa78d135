import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_ID } from '../../sdk/index.js';

/** Short, and of characters that can stand in a log line, a header field and a command line as they are. */
const USABLE = /^[\w.:-]{1,128}$/;

/** Gives a request the id that it came with in `X-Request-Id`, or a new one, and has the response give it back. */
export function identify({ headers }: IncomingMessage, response: ServerResponse): string {
  const sent = headers['x-request-id'];
  const id = typeof sent === 'string' && USABLE.test(sent) ? sent : randomUUID();
  response.setHeader(REQUEST_ID, id);
  return id;
}
