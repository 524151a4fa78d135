import type Router from '@koa/router';
import type { Middleware } from 'koa';

/** A path that the plugin serves, asked with a method that it does not: 405 with Allow (RFC 9110 section 15.5.6). */
export function methodNotAllowed(routes: Router): Middleware {
  return async (ctx, next) => {
    const { path: matching, route } = routes.match(ctx.path, ctx.method);
    if (!route && matching.length > 0) {
      const methods = new Set(matching.flatMap((layer) => layer.methods).filter((method) => method !== 'HEAD'));
      if (methods.size > 0) {
        const allow = [...methods].toSorted().join(', ');
        ctx.throw(405, `${ctx.method} is not supported here`, { headers: { Allow: allow } });
      }
    }
    await next();
  };
}
