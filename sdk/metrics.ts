/**
 * Values of a metric's labels, by name. Never a user, a number or a call: each combination of values is kept as long as the container
 * runs, and everybody who may read the metrics reads them.
 */
export type Labels = Readonly<Record<string, string | number>>;

export interface MetricOptions {
  /** With its unit, and without `sipxrest_`, which the container puts in front: `webhooks_sent_total`, `queue_wait_seconds`. */
  readonly name: string;
  /** What the metric says, in one sentence. */
  readonly help: string;
  /** Names of the labels. */
  readonly labels?: readonly string[];
}

export interface HistogramOptions extends MetricOptions {
  /** Upper bounds of the buckets, in the metric's unit, smallest first. */
  readonly buckets: readonly number[];
}

/** A number that only grows. */
export interface Counter {
  /** @param count 1 by default */
  add(labels?: Labels, count?: number): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** One value of a gauge. */
export interface Sample {
  readonly value: number;
  readonly labels?: Labels;
}

/** What `/metrics` shows, in the terms of Prometheus. Each method throws where the name is taken, or cannot be one. */
export interface Metrics {
  counter(options: MetricOptions): Counter;
  histogram(options: HistogramOptions): Histogram;
  /** @param read called at each scrape; what it throws is logged, and the metric has no value then */
  gauge(options: MetricOptions, read: () => Iterable<Sample>): void;
}
