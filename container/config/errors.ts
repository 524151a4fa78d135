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

/** Most problems reported: a users file may have thousands. */
const MOST_PROBLEMS = 20;

/** A configuration that cannot be used. The message has a line for each problem: the key, its source, what was expected, what was found. */
export class ConfigurationError extends Error {
  readonly code = 'SIPXREST_CONFIG_INVALID';
  override readonly name = 'ConfigurationError';
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const all = [problems].flat();
    super(linesOf(all).join('\n'), options);
    this.problems = all;
  }
}

function linesOf(problems: readonly Problem[]): string[] {
  const lines = problems.slice(0, MOST_PROBLEMS).map(lineOf);
  const left = problems.length - MOST_PROBLEMS;
  return left > 0 ? [...lines, `and ${left} more`] : lines;
}

/** A problem as a line for the administrator. */
export function lineOf({ key, source, expected, found }: Problem): string {
  return `${cut(oneLine(key), 80)} (${oneLine(source)}): expected ${oneLine(expected)}, found ${found}`;
}
