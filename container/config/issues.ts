import type { z } from 'zod';
import { describe, isObject, isSecretKey, oneLine } from './describe.js';
import { ConfigurationError, type Problem } from './errors.js';
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

/** Makes an error line for each issue of a schema. */
export function configurationError(error: z.ZodError, checked: Checked): ConfigurationError {
  const unknown = error.issues.filter((issue) => issue.code === 'unrecognized_keys');
  // A misspelt key often makes a required one missing as well; only the misspelling is reported.
  const misspelt = new Set(
    unknown.flatMap(({ keys, path }) => keys.map((key) => keyOf([...path, meant(key, path, checked) ?? '']))),
  );
  const others = error.issues.filter((issue) => issue.code !== 'unrecognized_keys' && !misspelt.has(keyOf(issue.path)));
  const problems = [
    ...unknown.flatMap(({ keys, path }) => keys.map((key) => unknownKey(key, path, checked))),
    ...others.map((issue) => badValue(issue, checked)),
  ];
  return new ConfigurationError(problems.length === 0 ? badValue(undefined, checked) : problems);
}

/** The key that was probably meant by a misspelt one. */
function meant(key: string, path: Path, { keysAt }: Checked): string | undefined {
  return nearest(key, keysAt?.(path) ?? []);
}

function unknownKey(key: string, path: Path, checked: Checked): Problem {
  const near = meant(key, path, checked);
  return {
    key: keyOf([...(checked.prefix ?? []), ...path, key]),
    source: checked.sourceOf([...path, key], ''),
    expected: `a documented key${near === undefined ? '' : `, perhaps ${near}`}`,
    found: 'an unknown one',
  };
}

function badValue(issue: z.core.$ZodIssue | undefined, checked: Checked): Problem {
  const path = issue?.path ?? [];
  const prefix = checked.prefix ?? [];
  const badKey = issue?.code === 'invalid_key' ? issue.issues[0] : undefined;
  const found = badKey === undefined ? valueAt(checked.input, path) : path.at(-1);
  return {
    key: keyOf([...prefix, ...path]),
    source: checked.sourceOf(path, found),
    expected: expectationOf((badKey ?? issue)?.message ?? 'a valid value'),
    found: describe(found, isSecretKey(path.findLast((step) => typeof step === 'string'))),
  };
}

/** Zod's own messages ("Invalid input: expected string, received number") name it after "expected". */
function expectationOf(message: string): string {
  return oneLine(/: expected (.*?)(?:, received .*)?$/s.exec(message)?.[1] ?? message);
}

function keyOf(path: Path): string {
  const key = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return key === '' ? 'configuration' : key.replace(/^\./, '');
}

/** The value at a path. */
export function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step] as unknown;
    else if (isObject(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}
