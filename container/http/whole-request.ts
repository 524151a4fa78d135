import type { IncomingMessage } from 'node:http';
import createError from 'http-errors';
import type { Middleware, Next } from 'koa';
import { MAX_BODY_BYTES } from './body.js';

/** Refuses a body that is too long to be read: it would keep the connection busy after the refusal. */
export const refuseLongBody: Middleware = ({ req }, next) => {
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLong();
  return next();
};

/**
 * Waits for the end of a request before anything is done with it, and leaves its body to be read: else a call could be placed by a
 * request that turns out to be none. The server buffers that much, see `server.ts`.
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

/** False when it is too long. @throws HttpError 400 when the client goes away */
async function hasArrived(request: IncomingMessage): Promise<boolean> {
  // With the last byte of a short request its end has been parsed too, once we get here again.
  await Promise.resolve();
  const isTooLong = (): boolean => request.readableLength > MAX_BODY_BYTES;
  return new Promise((resolve, reject) => {
    const onReadable = (): void => {
      if (request.complete || isTooLong()) settle(() => resolve(!isTooLong()));
    };
    const onClose = (): void => settle(() => reject(createError(400, 'The request has not arrived')));
    const settle = (act: () => void): void => {
      request.off('readable', onReadable).off('close', onClose);
      act();
    };
    if (request.complete || isTooLong()) {
      resolve(!isTooLong());
      return;
    }
    request.on('readable', onReadable).on('close', onClose);
  });
}
