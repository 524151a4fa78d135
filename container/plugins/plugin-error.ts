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

  constructor(
    readonly problem: PluginProblem,
    cause?: unknown,
  ) {
    const { plugin, file, key, expected, found } = problem;
    super(`plugin ${plugin} (${file}): ${key}: expected ${expected}, found ${shown(found)}`, { cause });
  }
}

function shown(found: unknown): string {
  const text = found === undefined ? 'nothing' : found instanceof Error ? found.message : JSON.stringify(found);
  const line = text.replace(/\p{Cc}+/gu, ' ');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
