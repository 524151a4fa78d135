import createError from 'http-errors';
import type { Context } from 'koa';

/** What clients send that were given no body: nothing is lost when this is ignored. */
const SAYS_NOTHING = /^\s*(?:null|""|\{\s*\})?\s*$/;

/**
 * Parameters come in the query or as a form. A body of any other kind would be ignored, and the call be another than was meant.
 * @throws HttpError 415
 */
export function refuseOtherBody(context: Context): void {
  if (context.is('application/x-www-form-urlencoded')) return;
  const { rawBody } = context.request;
  // What the container has not read is still waiting.
  const saysNothing = rawBody === undefined ? context.req.readableLength === 0 : SAYS_NOTHING.test(rawBody);
  if (!saysNothing) throw createError(415, 'A body must be a form (application/x-www-form-urlencoded), or be left out');
}
