import type { Problem } from '../config/errors.js';

/** What is wrong with a configuration. */
export interface Verdict {
  /** With one of them a container does not start. */
  readonly problems: readonly Problem[];
  /** A container starts, and something of it does not work, or not now. */
  readonly warnings: readonly Problem[];
}
