import Koa, { type Middleware } from 'koa';
import type { Log } from '../../sdk/index.js';
import type { ServedPlugin } from '../plugins/served-plugin.js';
import { answerWithin } from './answer-limit.js';
import { methodNotAllowed } from './method-not-allowed.js';
import { answerErrorsInXml } from './xml-errors.js';

/** A Koa application of these steps, which answers every error in XML. */
export function application(steps: readonly Middleware[], log: Log): Koa {
  const app = new Koa();
  answerErrorsInXml(app, log);
  for (const step of steps) app.use(step);
  return app;
}

/**
 * A plugin's own Koa application: what the plugin does to it, to its context and in its middleware, no other plugin notices.
 * @param steps what comes before the plugin
 */
export function pluginApplication({ routes, log, answerLimitMs }: ServedPlugin, steps: readonly Middleware[]): Koa {
  return application(
    [...steps, answerWithin(answerLimitMs, log), routes.routes() as Middleware, methodNotAllowed(routes)],
    log,
  );
}

/** A page at one path, for GET and HEAD. */
export function page(path: string, type: string, body: () => string): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== path) {
      await next();
      return;
    }
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD')
      ctx.throw(405, `${ctx.method} is not supported here`, { headers: { Allow: 'GET' } });
    ctx.type = type;
    ctx.body = body();
  };
}
