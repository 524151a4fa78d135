import Koa, { type Context, type Middleware } from 'koa';
import type { Log } from '../../sdk/index.js';
import type { ServedPlugin } from '../plugins/served-plugin.js';
import { answerWithin } from './answer-limit.js';
import { matchedRoute } from '../metrics/http-metrics.js';
import { methodNotAllowed } from './method-not-allowed.js';
import { requestSpan } from './request-span.js';
import { answerErrors, type DescribeError, xmlErrorBody } from './xml-errors.js';

/** A Koa application of these steps, which answers every error, in XML by default. */
export function application(steps: readonly Middleware[], log: Log, describe: DescribeError = xmlErrorBody): Koa {
  const app = new Koa();
  answerErrors(app, log, describe);
  for (const step of steps) app.use(step);
  return app;
}

/**
 * A plugin's own Koa application: no other plugin notices what the plugin does to it, to its context and in its middleware.
 * @param steps what comes before the plugin
 */
export function pluginApplication(plugin: ServedPlugin, steps: readonly Middleware[]): Koa {
  const { routes, log, answerLimitMs } = plugin;
  const describe = describeErrors(plugin);
  return application(
    [
      requestSpan(matchedRoute),
      ...steps,
      answerWithin(answerLimitMs, log, describe),
      routes.routes() as Middleware,
      methodNotAllowed(routes),
    ],
    log,
    describe,
  );
}

/** Writes the body of an error as the plugin does; in XML where the plugin leaves it to the container. */
export function describeErrors({ instance, log }: Pick<ServedPlugin, 'instance' | 'log'>): DescribeError {
  return (refused, ctx) => {
    try {
      return instance.errorBody?.(refused, ctx) ?? xmlErrorBody(refused);
    } catch (error) {
      log.error('errorBody failed', { error });
      return xmlErrorBody(refused);
    }
  };
}

/** A page at one path, for GET and HEAD. */
export function page(path: string, type: string, body: (ctx: Context) => string | Promise<string>): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== path) {
      await next();
      return;
    }
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD')
      ctx.throw(405, `${ctx.method} is not supported here`, { headers: { Allow: 'GET' } });
    const text = await body(ctx);
    ctx.type = type;
    ctx.body = text;
  };
}
