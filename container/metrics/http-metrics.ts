import type { RouterContext } from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Counter, Histogram } from '../../sdk/index.js';
import type { MetricsRegistry } from './registry.js';

/** Which listener a request came to: `inside` or `outside` the cluster. */
export type ListenerName = 'inside' | 'outside';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Methods that are counted by name; a stranger may invent others. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts HTTP requests, and how long they took to be answered, by the route that took them: a route is no path, and names nobody. */
export class HttpMetrics {
  readonly #requests: Counter;
  readonly #durations: Histogram;

  constructor(metrics: MetricsRegistry) {
    this.#requests = metrics.counter({
      name: 'http_requests_total',
      help: 'HTTP requests that were answered, by listener, method, route and status.',
      labels: ['listener', 'method', 'route', 'status'],
    });
    this.#durations = metrics.histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the end of the headers to the end of the answer, by route.',
      labels: ['route'],
      buckets: BUCKETS,
    });
  }

  /** Comes first in an application. @param routeOf the route that took a request, by default the router's; undefined if none did */
  step(listener: ListenerName, routeOf: (ctx: Context) => string | undefined = matchedRoute): Middleware {
    return (ctx, next) => {
      const startedAtMs = performance.now();
      ctx.res.once('close', () => {
        const route = routeOf(ctx) ?? 'none';
        const method = METHODS.has(ctx.method) ? ctx.method : 'other';
        // A client that has gone away before gets no status.
        const status = ctx.res.headersSent ? ctx.res.statusCode : 'aborted';
        this.#requests.add({ listener, method, route, status });
        this.#durations.observe((performance.now() - startedAtMs) / 1000, { route });
      });
      return next();
    };
  }
}

/** The route of a plugin's router that took a request; undefined if none did. */
export function matchedRoute(ctx: Context): string | undefined {
  return (ctx as Partial<RouterContext>)._matchedRoute?.toString();
}
