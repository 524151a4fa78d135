import { isObject } from './describe.js';
import { valueOf, variables } from './environment.js';
import { sourcesInFile } from './files.js';

type Path = readonly PropertyKey[];

/** The settings as they were written, before any check. */
export interface Written {
  readonly input: unknown;
  /** Where the value of a path came from: an environment variable or the file; if it has none, who could have given one. */
  readonly sourceOf: (path: Path, found: unknown) => string;
  /** Whether an environment variable has set this key, for example `tls.key`. */
  readonly isFromEnvironment: (key: string) => boolean;
}

/** Lays the environment over the file's settings. What is not an object in the file stays, for the schema to refuse. */
export function merge(fromFile: unknown, env: NodeJS.ProcessEnv, configFile?: string): Written {
  /** Dotted key to the environment variable that set it. */
  const origins = new Map<string, string>();
  const sourceInFile = configFile === undefined ? () => 'environment' : sourcesInFile(configFile);
  return {
    input: laidOver(fromFile ?? {}, env, origins),
    sourceOf: (path, found) =>
      originOf(path, origins) ?? (found === undefined ? whereItBelongs(path, configFile) : sourceInFile(path)),
    isFromEnvironment: (key) => origins.has(key),
  };
}

function laidOver(input: unknown, env: NodeJS.ProcessEnv, origins: Map<string, string>): unknown {
  if (!isObject(input)) return input;
  const merged: Record<string, unknown> = { ...input };
  for (const variable of variables) {
    const value = valueOf(variable, env);
    if (value === undefined) continue;
    const [key = '', inner] = variable.key.split('.');
    const group = merged[key] ?? {};
    if (inner === undefined) merged[key] = value;
    else if (isObject(group)) merged[key] = { ...group, [inner]: value };
    else continue;
    origins.set(variable.key, variable.name);
  }
  return merged;
}

function originOf(path: Path, origins: ReadonlyMap<string, string>): string | undefined {
  return keysTo(path)
    .map((key) => origins.get(key))
    .find((name) => name !== undefined);
}

function whereItBelongs(path: Path, configFile: string | undefined): string {
  const keys = keysTo(path);
  const names = variables.filter(({ key }) => keys.includes(key)).map(({ name }) => name);
  return [...names, ...(configFile === undefined ? [] : [configFile])].join(' or ');
}

/** `tls` and `tls.key` for the path to the latter. */
function keysTo(path: Path): string[] {
  return path.map((_, index) => path.slice(0, index + 1).join('.'));
}
