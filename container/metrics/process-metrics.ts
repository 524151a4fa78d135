import { monitorEventLoopDelay } from 'node:perf_hooks';
import { version } from '../version.js';
import type { MetricsRegistry } from './registry.js';

/** How exactly the delay of the event loop is measured, in milliseconds. */
const RESOLUTION_MS = 10;

/**
 * What the process is, and how busy: build, CPU, memory, delay of the event loop.
 * @returns ends the measuring
 */
export function measureProcess(metrics: MetricsRegistry): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  metrics.gauge(
    { name: 'build_info', help: 'Version that runs, and of Node; always 1.', labels: ['version', 'node'] },
    () => [{ value: 1, labels: { version: version(), node: process.version } }],
  );
  metrics.gauge(
    {
      name: 'event_loop_delay_seconds',
      help: 'How late the event loop was since the last scrape.',
      labels: ['statistic'],
    },
    () => {
      const samples = [
        { value: inSeconds(delay.percentile(50)), labels: { statistic: 'p50' } },
        { value: inSeconds(delay.percentile(99)), labels: { statistic: 'p99' } },
        { value: inSeconds(delay.max), labels: { statistic: 'max' } },
      ];
      delay.reset();
      return samples;
    },
  );
  metrics.counterOf({ name: 'process_cpu_seconds_total', help: 'CPU time used, user and system.' }, () => {
    const { user, system } = process.cpuUsage();
    return [{ value: (user + system) / 1e6 }];
  });
  metrics.gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory.' }, () => [
    { value: process.memoryUsage.rss() },
  ]);
  metrics.gauge({ name: 'heap_used_bytes', help: 'Memory in use on the JavaScript heap.' }, () => [
    { value: process.memoryUsage().heapUsed },
  ]);
  metrics.gauge(
    { name: 'process_start_time_seconds', help: 'Start of the process, in seconds since the epoch.' },
    () => [{ value: performance.timeOrigin / 1000 }],
  );
  return () => void delay.disable();
}

/** The histogram begins at one resolution: a loop on time is that late. NaN before the first measurement. */
function inSeconds(nanoseconds: number): number {
  const late = nanoseconds / 1e9 - RESOLUTION_MS / 1000;
  return late > 0 && Number.isFinite(late) && late < 1e6 ? late : 0;
}
