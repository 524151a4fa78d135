import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_ID } from '../../sdk/index.js';

/** Short, and made of characters that are safe in a log line, a header field and a command line. */
const USABLE = /^[\w.:-]{1,128}$/;

/** Gives a request the id in its `X-Request-Id`, or a new one, and sends the id back in the response. */
export function identify({ headers }: IncomingMessage, response: ServerResponse): string {
  const sent = headers['x-request-id'];
  const id = typeof sent === 'string' && USABLE.test(sent) ? sent : randomUUID();
  response.setHeader(REQUEST_ID, id);
  return id;
}
