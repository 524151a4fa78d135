import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Middleware } from 'koa';
import { requestId } from '../../sdk/index.js';

/**
 * A span of OpenTelemetry for each request, in the trace that the client names (W3C `traceparent`). What handlers begin is within it.
 * Unless the operator has loaded an SDK, the API's span records nothing.
 * @param routeOf the route that took a request; undefined if none did
 */
export function requestSpan(routeOf: (ctx: Context) => string | undefined): Middleware {
  const tracer = trace.getTracer('sipxrest');
  return (ctx, next) => {
    const within = propagation.extract(context.active(), ctx.req.headers);
    const span = tracer.startSpan('HTTP', { kind: SpanKind.SERVER }, within);
    if (!span.isRecording()) return next();
    ctx.res.once('close', () => {
      const { method, res } = ctx;
      const route = routeOf(ctx);
      span.updateName(route === undefined ? method : `${method} ${route}`);
      span.setAttributes({
        'http.request.method': method,
        'sipxrest.request.id': requestId(ctx),
        ...(route !== undefined && { 'http.route': route }),
        ...(res.headersSent && { 'http.response.status_code': res.statusCode }),
      });
      if (!res.headersSent || res.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    return context.with(trace.setSpan(within, span), next);
  };
}
