import type { Figure } from './figures.js';

export interface BenchmarkOptions {
  /** Number of measurements of each side. */
  readonly rounds: number;
  /** Whether to measure for the full time of the targets, if the default is shorter. */
  readonly full: boolean;
}

/** One benchmark: starts its processes, measures, and stops them. */
export type Benchmark = (options: BenchmarkOptions) => Promise<Figure[]>;
