import type { Middleware } from 'koa';
import type { Log } from '../../sdk/index.js';
import { Unanswered } from './unanswered.js';
import { sendError } from './xml-errors.js';

/**
 * Answers 503 where a plugin has not begun to answer in time. Its handler goes on, unheard. An answer that has begun may take as
 * long as it likes: it is a stream.
 */
export function answerWithin(limitMs: number, log: Log): Middleware {
  const unanswered = new Unanswered(limitMs, ({ method, path, res }) => {
    if (res.headersSent) return;
    log.error('HTTP request not answered in time', { method, path, limitMs });
    sendError(res, 503, 'The service did not answer in time');
  });
  return (ctx, next) => {
    unanswered.add(ctx);
    return next();
  };
}
