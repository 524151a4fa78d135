import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { isObject } from './describe.js';
import { pluginsVariable, valueOf, variables } from './environment.js';
import { lineInFile, readConfigurationFile } from './files.js';
import { configurationError } from './issues.js';
import { checkPaths, withAbsolutePaths } from './paths.js';
import { keysAt, pluginNamesSchema, settingsSchema, settingsShape } from './settings.js';
import type { Settings } from './settings.js';

export interface LoadOptions {
  /** A JSON or YAML file, or a sipXecs `sipxrest-config.xml`. */
  readonly configFile?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** Dotted key to the environment variable that set it. */
type Origins = ReadonlyMap<string, string>;

/**
 * Reads the configuration: defaults, then the file, then the environment, each over the one before. Relative paths are
 * relative to the file's folder, or to the working directory when they come from the environment.
 * @throws ConfigurationError with a line for each bad value
 */
export function loadSettings({ configFile, env }: LoadOptions): Settings {
  const { input, origins } = merge(configFile === undefined ? {} : readConfigurationFile(configFile), env);
  const sourceOf = (path: readonly PropertyKey[], found: unknown): string =>
    sourceOfPath(path, found, origins, configFile);

  const parsed = settingsSchema.safeParse(input);
  if (!parsed.success) throw configurationError(parsed.error, { input, sourceOf, keysAt });

  const folderOf = (key: string): string => (configFile === undefined || origins.has(key) ? '' : dirname(configFile));
  const packageFolders = [...(configFile === undefined ? [] : [dirname(resolve(configFile))]), process.cwd()];
  const settings = withAbsolutePaths({ ...parsed.data, packageFolders }, folderOf);
  checkPaths(settings, sourceOf);
  const names = pluginNames(env);
  return names === undefined ? settings : { ...settings, pluginNames: names };
}

/** Where a container listens for clients inside the cluster. */
export type InsideSettings = Pick<Settings, 'ipAddress' | 'httpPort' | 'insideTls'>;

/**
 * Reads where the container of this configuration listens; whatever else is missing or wrong in it does not matter.
 * @throws ConfigurationError when one of these settings is wrong
 */
export function loadInsideSettings({ configFile, env }: LoadOptions): InsideSettings {
  const { input, origins } = merge(configFile === undefined ? {} : readConfigurationFile(configFile), env);
  const { ipAddress, httpPort, insideTls } = settingsShape;
  const parsed = z.object({ ipAddress, httpPort, insideTls }, 'an object of settings').safeParse(input);
  if (parsed.success) return parsed.data;
  const sourceOf = (path: readonly PropertyKey[], found: unknown): string =>
    sourceOfPath(path, found, origins, configFile);
  throw configurationError(parsed.error, { input, sourceOf });
}

/** Lays the environment over the file's settings. What is not an object in the file stays, for the schema to refuse. */
function merge(fromFile: unknown, env: NodeJS.ProcessEnv): { input: unknown; origins: Origins } {
  const origins = new Map<string, string>();
  const input = fromFile ?? {};
  if (!isObject(input)) return { input, origins };

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
  return { input: merged, origins };
}

function pluginNames(env: NodeJS.ProcessEnv): string[] | undefined {
  const input = valueOf(pluginsVariable, env);
  if (input === undefined) return undefined;
  const parsed = pluginNamesSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw configurationError(parsed.error, {
    input,
    sourceOf: () => pluginsVariable.name,
    prefix: [pluginsVariable.key],
  });
}

function sourceOfPath(path: readonly PropertyKey[], found: unknown, origins: Origins, configFile?: string): string {
  const keys = path.map((_, index) => path.slice(0, index + 1).join('.'));
  const origin = keys.map((key) => origins.get(key)).find((name) => name !== undefined);
  if (origin !== undefined) return origin;
  if (found !== undefined) return configFile === undefined ? 'environment' : placeIn(configFile, path);
  const names = variables.filter(({ key }) => keys.includes(key)).map(({ name }) => name);
  return [...names, ...(configFile === undefined ? [] : [configFile])].join(' or ');
}

/** The file, with the line where that is known. */
function placeIn(file: string, path: readonly PropertyKey[]): string {
  const line = lineInFile(file, path);
  return line === undefined ? file : `${file}, line ${line}`;
}
