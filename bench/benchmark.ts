import type { Figure } from './figures.js';

export interface BenchmarkOptions {
  /** How often each side is measured. */
  readonly rounds: number;
  /** Whether to take the time that the targets speak of, where the default is shorter. */
  readonly full: boolean;
}

/** One file of the bench: starts what it needs, measures, ends what it started. */
export type Benchmark = (options: BenchmarkOptions) => Promise<Figure[]>;
