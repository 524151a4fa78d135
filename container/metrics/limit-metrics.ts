import type { Sample } from '../../sdk/index.js';
import type { ContainerLoad, LimitUse } from '../load.js';
import type { MetricsRegistry } from './registry.js';

/** Shows the limits and their use by the same label, so that one can be divided by the other. */
export function measureLimits(metrics: MetricsRegistry, load: Pick<ContainerLoad, 'use'>): void {
  const samples = (valueOf: (use: LimitUse) => number) => (): Sample[] =>
    Object.entries(load.use).map(([limit, use]) => ({ value: valueOf(use), labels: { limit } }));
  metrics.gauge(
    { name: 'limit', help: 'What a limit of the configuration allows, by its name there.', labels: ['limit'] },
    samples(({ limit }) => limit),
  );
  metrics.gauge(
    { name: 'limit_used', help: 'How much of a limit is in use, by its name in the configuration.', labels: ['limit'] },
    samples(({ used }) => used),
  );
}
