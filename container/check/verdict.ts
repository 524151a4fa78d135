import type { Problem } from '../config/errors.js';

/** What is wrong with a configuration. */
export interface Verdict {
  /** Faults with which a container does not start. */
  readonly problems: readonly Problem[];
  /** Faults with which a container starts, but with a part that does not work at present. */
  readonly warnings: readonly Problem[];
}
