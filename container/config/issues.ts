import type { z } from 'zod';
import { describe, isObject, isSecretKey, oneLine } from './describe.js';
import { ConfigurationError } from './errors.js';
import { nearest } from './nearest.js';

type Path = readonly PropertyKey[];

/** What was checked, and how to name it. */
export interface Checked {
  readonly input: unknown;
  /** Where the value of a path came from: an environment variable or a file. */
  readonly sourceOf: (path: Path, found: unknown) => string;
  /** Path of `input` itself, for example `['plugins', 'redirect']`. */
  readonly prefix?: Path;
  /** The keys known beside a path, for the hint at a misspelt one. */
  readonly keysAt?: (path: Path) => readonly string[];
}

/** Makes one error line of the first thing that a schema found wrong. */
export function configurationError(error: z.ZodError, checked: Checked): ConfigurationError {
  // A misspelt key often makes a required one missing as well: the misspelling is what to tell.
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? error.issues[0];
  const path = issue?.path ?? [];
  const prefix = checked.prefix ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const unknownKey = issue.keys[0] ?? '';
    const near = nearest(unknownKey, checked.keysAt?.(path) ?? []);
    return new ConfigurationError({
      key: keyOf([...prefix, ...path, unknownKey]),
      source: checked.sourceOf([...path, unknownKey], ''),
      expected: `a documented key${near === undefined ? '' : `, perhaps ${near}`}`,
      found: 'an unknown one',
    });
  }
  const badKey = issue?.code === 'invalid_key' ? issue.issues[0] : undefined;
  const found = badKey === undefined ? valueAt(checked.input, path) : path.at(-1);
  return new ConfigurationError({
    key: keyOf([...prefix, ...path]),
    source: checked.sourceOf(path, found),
    expected: expectationOf((badKey ?? issue)?.message ?? 'a valid value'),
    found: describe(found, isSecretKey(path.findLast((step) => typeof step === 'string'))),
  });
}

/** Zod's own messages ("Invalid input: expected string, received number") hold what was expected after "expected". */
function expectationOf(message: string): string {
  return oneLine(/: expected (.*?)(?:, received .*)?$/s.exec(message)?.[1] ?? message);
}

function keyOf(path: Path): string {
  const key = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return key === '' ? 'configuration' : key.replace(/^\./, '');
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step] as unknown;
    else if (isObject(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}
