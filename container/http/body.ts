import createError from 'http-errors';
import type { Middleware } from 'koa';
import { koaBody } from 'koa-body';

/** The largest request body that is read. */
export const MAX_BODY_BYTES = 65_536;

/** Reads a request's body into `ctx.request.body`: JSON, forms and texts; files are left alone. */
export function readBody(): Middleware {
  const read = koaBody({
    jsonLimit: MAX_BODY_BYTES,
    formLimit: MAX_BODY_BYTES,
    textLimit: MAX_BODY_BYTES,
    multipart: false,
    includeUnparsed: true,
    onError: refuseBody,
  });
  // Most requests have none: a body without a type is left alone, too.
  return (ctx, next) => (ctx.req.headers['content-type'] === undefined ? next() : read(ctx, next));
}

/** Whatever is wrong with a body is the client's fault, also where the decompressor's errors carry no status. */
function refuseBody(error: Error & { readonly status?: number }): never {
  throw createError(error.status ?? 400, `The request body cannot be read: ${error.message}`);
}
