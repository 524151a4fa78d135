import { inspect } from 'node:util';

export interface PluginProblem {
  readonly plugin: string;
  readonly file: string;
  /** Key of the manifest, or the step that failed. */
  readonly key: string;
  readonly expected: string;
  readonly found: unknown;
}

/** Why a plugin was left out: its file, the key, what was expected and what was found, in one line. */
export class PluginError extends Error {
  override readonly name = 'PluginError';

  /** @param cause what the plugin's code threw, if it did */
  constructor(
    readonly problem: PluginProblem,
    cause?: unknown,
  ) {
    const { plugin, file, key, expected, found } = problem;
    super(`plugin ${plugin} (${file}): ${key}: expected ${expected}, found ${shown(found)}`, { cause });
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
