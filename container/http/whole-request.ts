import type { IncomingMessage } from 'node:http';
import createError from 'http-errors';
import type { Middleware, Next } from 'koa';
import { MAX_BODY_BYTES } from './body.js';

/** Refuses a body that is too long, before reading: it would keep the connection busy after the refusal. */
export const refuseLongBody: Middleware = ({ req }, next) => {
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLong();
  return next();
};

/**
 * Waits for the end of a request before anything is done with it, and leaves its body to be read: otherwise a request that turns out to
 * be broken could place a call.
 */
export const wholeRequest: Middleware = ({ req }, next) => (hasBody(req) ? onceArrived(req, next) : next());

async function onceArrived(request: IncomingMessage, next: Next): Promise<void> {
  if (!(await hasArrived(request))) throw tooLong();
  await next();
}

function tooLong(): Error {
  const headers = { Connection: 'close' };
  return createError(413, `The request body is longer than ${MAX_BODY_BYTES} bytes`, { headers });
}

/** RFC 9112 section 6.3: otherwise the request ends with its headers. */
function hasBody({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
}

/**
 * Takes the body out of the request until its end, and then puts it back: a connection stops reading when its buffer is full, and over
 * TLS the buffer is far smaller than a body may be.
 * @returns false when it is too long
 * @throws HttpError 400 when the client goes away
 */
async function hasArrived(request: IncomingMessage): Promise<boolean> {
  // After this turn, the end of a short request has been parsed along with its last byte.
  await Promise.resolve();
  if (request.complete) return request.readableLength <= MAX_BODY_BYTES;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onReadable = (): void => {
      // Read no further than this: an empty body would end before its handler listens.
      while (request.readableLength > 0) {
        const chunk = request.read() as Buffer;
        chunks.push(chunk);
        length += chunk.length;
      }
      if (!request.complete && length <= MAX_BODY_BYTES) return;
      if (length > 0) request.unshift(Buffer.concat(chunks));
      settle(() => resolve(length <= MAX_BODY_BYTES));
    };
    const onClose = (): void => settle(() => reject(createError(400, 'The request has not arrived')));
    const settle = (act: () => void): void => {
      request.off('readable', onReadable).off('close', onClose);
      act();
    };
    request.on('readable', onReadable).on('close', onClose);
  });
}
