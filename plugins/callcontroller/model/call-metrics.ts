import { Lifecycle, scoped } from 'tsyringe';
import { type CallEventType, type Counter, type Histogram, Sdk } from '../../../sdk/index.js';
import type { CallRecord } from './call-record.js';

const SETUP_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 12, 20, 30, 60, 120, 180];

/** Counts calls by method and outcome, and how long the telephones took to ring and to be answered. */
@scoped(Lifecycle.ContainerScoped)
export class CallMetrics {
  readonly #placed: Counter;
  readonly #over: Counter;
  readonly #ringing: Histogram;
  readonly #connected: Histogram;

  constructor({ metrics }: Sdk) {
    this.#placed = metrics.counter({
      name: 'calls_placed_total',
      help: 'Calls that were placed, by method.',
      labels: ['method'],
    });
    this.#over = metrics.counter({
      name: 'calls_over_total',
      help: 'Calls that have come to their final state, by method, status and reason.',
      labels: ['method', 'status', 'reason'],
    });
    this.#ringing = metrics.histogram({
      name: 'call_ringing_seconds',
      help: 'Time from the request to the first ringing of the calling party.',
      labels: ['method'],
      buckets: SETUP_BUCKETS,
    });
    this.#connected = metrics.histogram({
      name: 'call_connected_seconds',
      help: 'Time from the request until both parties are connected.',
      labels: ['method'],
      buckets: SETUP_BUCKETS,
    });
  }

  onEvent({ request, createdAtMs, nowMs, isFinal, status, reason }: CallRecord, type: CallEventType): void {
    const method = request.sipMethod.toLowerCase();
    const seconds = (nowMs - createdAtMs) / 1000;
    if (type === 'call.created') this.#placed.add({ method });
    else if (type === 'call.caller_ringing') this.#ringing.observe(seconds, { method });
    else if (type === 'call.connected') this.#connected.observe(seconds, { method });
    if (isFinal) this.#over.add({ method, status, reason: reason?.code ?? 'none' });
  }
}

/** Shows how many calls there are in each status, of those that are not over. */
export function showCalls({ metrics }: Sdk, live: () => Iterable<{ readonly record: CallRecord }>): void {
  metrics.gauge({ name: 'calls', help: 'Calls that are not over, by status.', labels: ['status'] }, () => {
    const counts = new Map<string, number>();
    for (const { record } of live()) counts.set(record.status, (counts.get(record.status) ?? 0) + 1);
    return [...counts].map(([status, value]) => ({ value, labels: { status } }));
  });
}
