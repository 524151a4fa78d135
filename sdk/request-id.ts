import type { Context } from 'koa';

/** The header field with the id of a request. */
export const REQUEST_ID = 'X-Request-Id';

/**
 * The id of a request, under which the log has it: the `X-Request-Id` that it came with, or one that the listener has made. The
 * response gives it back in any case.
 */
export function requestId({ res }: Context): string {
  return String(res.getHeader(REQUEST_ID) ?? '');
}
