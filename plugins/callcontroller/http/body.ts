import createError from 'http-errors';
import type { Context } from 'koa';

/** Bodies that clients send when given none; safe to ignore. */
const SAYS_NOTHING = /^\s*(?:null|""|\{\s*\})?\s*$/;

/**
 * Parameters come in the query or as a form. Any other body would be ignored, and a different call placed than was meant.
 * @throws HttpError 415
 */
export function refuseOtherBody(context: Context): void {
  if (context.is('application/x-www-form-urlencoded')) return;
  const { rawBody } = context.request;
  // A body that the container has not read is still in the stream.
  const saysNothing = rawBody === undefined ? context.req.readableLength === 0 : SAYS_NOTHING.test(rawBody);
  if (!saysNothing) throw createError(415, 'A body must be a form (application/x-www-form-urlencoded), or be left out');
}
