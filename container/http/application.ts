import type Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import type { Log } from '../../sdk/index.js';
import { readBody } from './body.js';
import { methodNotAllowed } from './method-not-allowed.js';
import { xmlErrors } from './xml-errors.js';

/** A Koa application that serves the given pages and routers, and answers every error in XML. */
export function application(pages: readonly Middleware[], routers: readonly Router[], log: Log): Koa {
  const app = new Koa();
  app.on('error', (error: Error) => log.error('HTTP response failed', { error: error.message }));
  app.use(xmlErrors(log));
  for (const middleware of pages) app.use(middleware);
  app.use(readBody());
  for (const routes of routers) {
    app.use(routes.routes());
    app.use(methodNotAllowed(routes));
  }
  return app;
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
