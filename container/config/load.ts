import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { conflictsOf } from './conflicts.js';
import { describe, isObject } from './describe.js';
import { pluginsVariable, valueOf, variables } from './environment.js';
import { ConfigurationError, type Problem } from './errors.js';
import { readConfigurationFile } from './files.js';
import { configurationError, valueAt } from './issues.js';
import { merge, type Written } from './merge.js';
import { nearest } from './nearest.js';
import { problemsOfPaths, withAbsolutePaths } from './paths.js';
import { keysAt, pluginNamesSchema, settingsSchema, settingsShape } from './settings.js';
import type { Settings } from './settings.js';

export interface LoadOptions {
  /** A JSON or YAML file, or a sipXecs `sipxrest-config.xml`. */
  readonly configFile?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** A configuration, and all that is wrong with it. */
export interface Reading {
  /** The valid settings; a bad value counts as missing. If there are problems, the container must not start with them. */
  readonly settings: Settings;
  readonly problems: readonly Problem[];
  /** Where the value of a path came from, for further problems. */
  readonly sourceOf: Written['sourceOf'];
}

/**
 * Reads the configuration: defaults, then the file, then the environment, each over the one before. Relative paths are
 * relative to the file's folder, or to the working directory when they come from the environment.
 * @throws ConfigurationError with a line for each bad value
 */
export function loadSettings(options: LoadOptions): Settings {
  const { settings, problems } = readSettings(options);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return settings;
}

/**
 * As {@link loadSettings}, for callers that go on despite problems.
 * @throws ConfigurationError when the file cannot be read at all
 */
export function readSettings({ configFile, env }: LoadOptions): Reading {
  const written = merge(configFile === undefined ? {} : readConfigurationFile(configFile), env, configFile);
  const { input, sourceOf, isFromEnvironment } = written;
  const parsed = settingsSchema.safeParse(input);
  const problems = parsed.success ? [] : [...configurationError(parsed.error, { input, sourceOf, keysAt }).problems];
  const valid = parsed.success ? parsed.data : withoutFaults(input, parsed.error);
  const names = readPluginNames(env);

  const folderOf = (key: string): string =>
    configFile === undefined || isFromEnvironment(key) ? '' : dirname(configFile);
  const packageFolders = [...(configFile === undefined ? [] : [dirname(resolve(configFile))]), process.cwd()];
  const settings = withAbsolutePaths(
    { ...valid, ...(names.valid && { pluginNames: names.valid }), packageFolders, configFile },
    folderOf,
  );
  const isKnown = ({ key }: Problem): boolean =>
    problems.some((other) => other.key === key || other.key === 'configuration');
  const others = [
    ...misspeltVariables(env),
    ...problemsOfConflicts(settings, written),
    ...problemsOfPaths(settings, sourceOf),
  ];
  return {
    settings,
    problems: [...problems, ...names.problems, ...others.filter((problem) => !isKnown(problem))],
    sourceOf,
  };
}

/** Where a container listens for clients inside the cluster. */
export type InsideSettings = Pick<Settings, 'ipAddress' | 'httpPort' | 'insideTls'>;

/**
 * Reads where the container of this configuration listens; whatever else is missing or wrong in it does not matter.
 * @throws ConfigurationError when one of these settings is wrong
 */
export function loadInsideSettings({ configFile, env }: LoadOptions): InsideSettings {
  const fromFile = configFile === undefined ? {} : readConfigurationFile(configFile);
  const { input, sourceOf } = merge(fromFile, env, configFile);
  const { ipAddress, httpPort, insideTls } = settingsShape;
  const parsed = z.object({ ipAddress, httpPort, insideTls }, 'an object of settings').safeParse(input);
  if (parsed.success) return parsed.data;
  throw configurationError(parsed.error, { input, sourceOf });
}

/** Placeholders for required settings with a fault, for checks only. */
const PLACEHOLDERS = { sipxProxyDomain: 'domain.invalid', users: '/dev/null' };

/** The settings without those keys, or keys within them, that have a fault. */
function withoutFaults(input: unknown, { issues }: z.ZodError): z.output<typeof settingsSchema> {
  const kept: Record<string, unknown> = isObject(input) ? { ...input } : {};
  for (const { path } of issues) {
    const [key = '', inner] = path;
    const group = kept[String(key)];
    if (inner !== undefined && isObject(group))
      kept[String(key)] = Object.fromEntries(Object.entries(group).filter(([name]) => name !== inner));
    else delete kept[String(key)];
  }
  const known = Object.entries(settingsShape).filter(([key, schema]) => schema.safeParse(kept[key]).success);
  const valid = Object.fromEntries(known.map(([key]) => [key, kept[key]]));
  return settingsSchema.parse({ ...PLACEHOLDERS, ...valid });
}

function problemsOfConflicts(settings: Settings, { input, sourceOf }: Written): Problem[] {
  return conflictsOf(settings).map(({ path, message }) => {
    const found = valueAt(input, path);
    return { key: path.join('.'), source: sourceOf(path, found), expected: message, found: describe(found) };
  });
}

const VARIABLE_PREFIX = 'SIPXREST_';

/** A variable that is no setting may be another program's, unless its name is nearly that of a setting. */
function misspeltVariables(env: NodeJS.ProcessEnv): Problem[] {
  const known = [...variables, pluginsVariable].map(({ name }) => name.slice(VARIABLE_PREFIX.length));
  return Object.keys(env)
    .filter((name) => name.startsWith(VARIABLE_PREFIX))
    .flatMap((name) => {
      const key = name.slice(VARIABLE_PREFIX.length);
      const near = known.includes(key) ? undefined : nearest(key, known);
      if (near === undefined) return [];
      const expected = `a documented variable, perhaps ${VARIABLE_PREFIX}${near}`;
      return [{ key: name, source: 'environment', expected, found: 'an unknown one' }];
    });
}

function readPluginNames(env: NodeJS.ProcessEnv): {
  readonly valid?: readonly string[];
  readonly problems: readonly Problem[];
} {
  const input = valueOf(pluginsVariable, env);
  if (input === undefined) return { problems: [] };
  const parsed = pluginNamesSchema.safeParse(input);
  if (parsed.success) return { valid: parsed.data, problems: [] };
  const { name, key } = pluginsVariable;
  return { problems: configurationError(parsed.error, { input, sourceOf: () => name, prefix: [key] }).problems };
}
