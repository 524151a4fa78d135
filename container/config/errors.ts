import { cut, oneLine } from './describe.js';

/** One thing that is wrong with the configuration. */
export interface Problem {
  /** The key, for example `tls.key` or `users[2].userName`. */
  readonly key: string;
  /** The environment variable or the file that it came from. */
  readonly source: string;
  /** What was expected, as words that follow "expected". */
  readonly expected: string;
  /** What was found; made by `describe`, so that it shows no secret. */
  readonly found: string;
}

/** A configuration that cannot be used. The message is one line: the key, its source, what was expected, what was found. */
export class ConfigurationError extends Error {
  readonly code = 'SIPXREST_CONFIG_INVALID';
  override readonly name = 'ConfigurationError';
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    const key = cut(oneLine(problem.key), 80);
    super(
      `${key} (${oneLine(problem.source)}): expected ${oneLine(problem.expected)}, found ${problem.found}`,
      options,
    );
    this.problem = problem;
  }
}
