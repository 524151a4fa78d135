import { inspect } from 'node:util';
import type { PluginErrorCode } from './errors.js';

export interface PluginProblem {
  readonly plugin: string;
  /** Its package.json or its module; `configuration` for a plugin that is only named there. */
  readonly file: string;
  /** Line of the file, where the fault has one. */
  readonly line?: number | undefined;
  /** Key of the manifest, or the step that failed. */
  readonly key: string;
  readonly expected: string;
  readonly found: unknown;
}

/** What is wrong with a plugin, in one line: code, plugin, file, key, what was expected and what was found. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  readonly plugin: string;
  readonly file: string;
  /** The file, with the line where the fault has one. */
  readonly place: string;
  readonly key: string;
  readonly expected: string;
  /** As text on one line, shortened. */
  readonly found: string;

  /** @param cause what the plugin's code threw, if it did */
  constructor(
    readonly code: PluginErrorCode,
    problem: PluginProblem,
    cause?: unknown,
  ) {
    const { plugin, file, line, key, expected } = problem;
    const found = shown(problem.found);
    const place = line === undefined ? file : `${file}, line ${line}`;
    super(`${code}: plugin ${plugin} (${place}): ${key}: expected ${expected}, found ${found}`, { cause });
    this.plugin = plugin;
    this.file = file;
    this.place = place;
    this.key = key;
    this.expected = expected;
    this.found = found;
  }

  /** The row of a table in which `plugin`, `code` and `file` have columns of their own. */
  get summary(): Readonly<Record<'plugin' | 'code' | 'file' | 'problem', string>> {
    const { plugin, code, file, key, expected, found } = this;
    return { plugin, code, file, problem: `${key}: expected ${expected}, found ${found}` };
  }
}

/** All that is wrong with one plugin's manifest. */
export class PluginErrors extends Error {
  override readonly name = 'PluginErrors';

  constructor(readonly errors: readonly PluginError[]) {
    super(errors.map(({ message }) => message).join('\n'));
  }
}

/** Whatever a manifest holds or a plugin throws, as a line. */
function shown(found: unknown): string {
  const text = found === undefined ? 'nothing' : found instanceof Error ? found.message : written(found);
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

/** As JSON, since manifests are; what JSON cannot hold, a plugin may still throw. */
function written(found: unknown): string {
  try {
    return JSON.stringify(found) ?? inspect(found);
  } catch {
    return inspect(found);
  }
}
