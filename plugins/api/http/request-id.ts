import type { Context } from 'koa';
import { v4 as uuid } from 'uuid';

/** The id of a request: the one that it came with, or one that is made for it. */
export function requestId({ state, req }: Context): string {
  const { 'x-request-id': sent } = req.headers;
  state['requestId'] ??= typeof sent === 'string' && /^[\w.:-]{1,128}$/.test(sent) ? sent : uuid();
  return String(state['requestId']);
}
