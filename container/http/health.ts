import type { Middleware } from 'koa';
import type { MetricsRegistry } from '../metrics/registry.js';
import type { Readiness } from '../readiness.js';
import { page } from './application.js';

/** The paths of the pages below, for the metrics. */
export const HEALTH_PATHS = ['/healthz', '/readyz', '/metrics'] as const;

/**
 * Pages for an orchestrator and Prometheus. `/healthz` checks nothing: an answer shows that the event loop runs, and a container that is
 * alive must not be killed for the faults of others. `/readyz` says whether new requests are welcome.
 */
export function healthPages(readiness: Readiness, metrics: MetricsRegistry): Middleware[] {
  return [
    page('/healthz', 'json', () => JSON.stringify({ status: 'pass' })),
    page('/readyz', 'json', (ctx) => {
      const report = readiness.report();
      ctx.status = report.status === 'fail' ? 503 : 200;
      return JSON.stringify(report);
    }),
    page('/metrics', metrics.contentType, () => metrics.text()),
  ];
}
