import type { Middleware } from 'koa';
import type { MetricsRegistry } from '../metrics/registry.js';
import type { Readiness } from '../readiness.js';
import { page } from './application.js';

/** The paths of the pages below, for the metrics. */
export const HEALTH_PATHS = ['/healthz', '/readyz', '/metrics'] as const;

/**
 * What an orchestrator and Prometheus ask. `/healthz` looks at nothing: whoever gets an answer knows that the event loop turns, and a
 * container that is alive shall not be killed for what others do. `/readyz` says whether new requests are welcome.
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
