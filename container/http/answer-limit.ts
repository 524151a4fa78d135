import type { Middleware } from 'koa';
import type { Log } from '../../sdk/index.js';
import { Unanswered } from './unanswered.js';
import { type DescribeError, sendErrorBody } from './xml-errors.js';

/**
 * Answers 503 if a plugin has not begun to answer in time. Its handler goes on, unheard. An answer that has begun may take as long as it
 * likes: it is a stream.
 */
export function answerWithin(limitMs: number, log: Log, describe: DescribeError): Middleware {
  const unanswered = new Unanswered(limitMs, (ctx) => {
    const { method, path, res } = ctx;
    if (res.headersSent) return;
    log.error('HTTP request not answered in time', { method, path, limitMs });
    const text = 'The service did not answer in time';
    sendErrorBody(res, 503, describe({ status: 503, text, error: undefined }, ctx));
  });
  return (ctx, next) => {
    unanswered.add(ctx);
    return next();
  };
}
