import createError from 'http-errors';
import type { Context, Middleware } from 'koa';
import { koaBody } from 'koa-body';

/** The largest request body that is read. */
export const MAX_BODY_BYTES = 65_536;

/** JSON without content. Some HTTP clients send it for a request with a JSON type and no body. */
const BLANK_JSON = /^\s*(?:null|"")?\s*$/;

/** The part of the body that JSON.parse shows; a body may have a PIN. */
const EXCERPT = /,? (?:\.{3})?".*"(?:\.{3})?(?= is not valid JSON$)/s;

/** What the body parser throws. */
interface BodyError extends Error {
  readonly status?: number;
  /** The text that could not be parsed. */
  readonly body?: string;
}

/**
 * Reads a request's body into `ctx.request.body`: JSON, forms and texts; files are left alone. An empty body, or JSON without content,
 * counts as none: then `ctx.request.body` is undefined.
 */
export function readBody(): Middleware {
  const read = koaBody({
    jsonLimit: MAX_BODY_BYTES,
    formLimit: MAX_BODY_BYTES,
    textLimit: MAX_BODY_BYTES,
    multipart: false,
    includeUnparsed: true,
    onError: refuseBody,
  });
  // Most requests have none. The request has arrived as a whole: what there is of a body is waiting to be read.
  return (ctx, next) =>
    ctx.req.headers['content-type'] === undefined || ctx.req.readableLength === 0 ? next() : read(ctx, next);
}

/** Any error of a body is the client's fault, even the decompressor's errors, which carry no status. */
function refuseBody(error: BodyError, ctx: Context): void {
  if (error.body === undefined || !BLANK_JSON.test(error.body))
    throw createError(error.status ?? 400, `The request body cannot be read: ${error.message.replace(EXCERPT, '')}`);
  ctx.request.rawBody = error.body;
}
