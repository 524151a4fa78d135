import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type * as sdk from '../../sdk/index.js';

const PREFIX = 'sipxrest_';

/** The metrics of one container and its plugins. */
export class MetricsRegistry implements sdk.Metrics {
  readonly #registry = new Registry();

  constructor(private readonly log: sdk.Log) {}

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of them in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  counter(options: sdk.MetricOptions): sdk.Counter {
    const counter = new Counter(this.#configuration(options));
    return { add: (labels = {}, count = 1) => counter.inc(labels, count) };
  }

  histogram({ buckets, ...options }: sdk.HistogramOptions): sdk.Histogram {
    const histogram = new Histogram({ ...this.#configuration(options), buckets: [...buckets] });
    return { observe: (value, labels = {}) => histogram.observe(labels, value) };
  }

  gauge(options: sdk.MetricOptions, read: () => Iterable<sdk.Sample>): void {
    const gauge = new Gauge({
      ...this.#configuration(options),
      collect: () => {
        gauge.reset();
        for (const { labels = {}, value } of this.#read(options, read)) gauge.set(labels, value);
      },
    });
  }

  /** A counter that is read from elsewhere: counting each event here would cost too much for SIP messages. */
  counterOf(options: sdk.MetricOptions, read: () => Iterable<sdk.Sample>): void {
    const counter = new Counter({
      ...this.#configuration(options),
      collect: () => {
        counter.reset();
        for (const { labels = {}, value } of this.#read(options, read)) counter.inc(labels, value);
      },
    });
  }

  #configuration({ name, help, labels = [] }: sdk.MetricOptions) {
    return { name: PREFIX + name, help, labelNames: [...labels], registers: [this.#registry] };
  }

  /** A metric that cannot be read must not hide the others. */
  #read({ name }: sdk.MetricOptions, read: () => Iterable<sdk.Sample>): sdk.Sample[] {
    try {
      return [...read()];
    } catch (error) {
      this.log.error('Metric not read', { metric: name, error });
      return [];
    }
  }
}
