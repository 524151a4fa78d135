import { satisfies, validRange } from 'semver';
import { z } from 'zod';
import { version } from '../version.js';
import { linesInFile } from '../config/files.js';
import { nearest } from '../config/nearest.js';
import type { PluginNames } from '../config/plugins.js';
import type { PluginErrorCode } from './errors.js';
import { PluginError } from './plugin-error.js';

const text = (expected: string, pattern: RegExp) => z.string(expected).regex(pattern, expected);
const AUTHENTICATION_METHODS = 'HTTP-DIGEST, HTTP-BASIC or both in an array';
const authenticationMethod = z.enum(['HTTP-DIGEST', 'HTTP-BASIC'], AUTHENTICATION_METHODS);
const packageNameSchema = text('a package name', /^(?:@[A-Za-z0-9._~-]+\/)?[A-Za-z0-9][A-Za-z0-9._~-]*$/).max(
  214,
  'a package name',
);

/** The `sipxrest` object of a plugin's package.json: the elements of sipXrest's plugin.xml, and `dependsOn`. */
const manifestSchema = z.strictObject(
  {
    uriPrefix: text('a path such as /hello', /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]{1,64}){1,4}$/).describe(
      'Path under which the plugin’s routes are served, for example /hello; no other plugin’s, nor under it',
    ),
    securityLevel: z
      .enum(['LOCAL-AND-REMOTE', 'LOCAL-ONLY'], 'LOCAL-AND-REMOTE or LOCAL-ONLY')
      .describe('Whether clients outside the cluster reach the plugin, after a login, or only those inside'),
    remoteAuthenticationMethod: z
      .union(
        [
          authenticationMethod.transform((method) => [method]),
          z.array(authenticationMethod).min(1, AUTHENTICATION_METHODS),
        ],
        AUTHENTICATION_METHODS,
      )
      .default(['HTTP-DIGEST', 'HTTP-BASIC'])
      .describe('How clients outside log in'),
    sipConvergenceName: text('a SIP user part of letters, digits, ".", "_" and "-"', /^[A-Za-z0-9._-]{1,64}$/)
      .optional()
      .describe('User part of the plugin’s SIP address; by default the plugin’s name'),
    serviceDescription: z
      .string('a text')
      .max(500, 'a text of 500 characters at the most')
      .default('')
      .describe('Shown in the catalogue of plugins'),
    dependsOn: z
      .array(packageNameSchema, 'an array of plugin names')
      .max(32, 'an array of 32 plugin names at the most')
      .default([])
      .describe('Plugins that are started before this one and stopped after it'),
  },
  'an object with uriPrefix, securityLevel, remoteAuthenticationMethod, sipConvergenceName, serviceDescription and dependsOn',
);

/** What the container reads of a plugin's package.json. */
export const packageSchema = z.object({
  name: packageNameSchema.optional(),
  main: z.string('the path of the plugin’s module').optional(),
  exports: z.unknown().optional(),
  peerDependencies: z
    .object(
      {
        sipxrest: z
          .string('a range of versions such as ^1.0.0')
          .refine((range) => validRange(range) !== null, 'a range of versions such as ^1.0.0')
          .optional()
          .describe('The versions of sipxrest whose SDK the plugin was written for'),
      },
      'an object',
    )
    .optional(),
  sipxrest: manifestSchema,
});

/** What no two plugins may share. */
export interface Claims {
  readonly name: string;
  readonly uriPrefix?: string | undefined;
  readonly sipConvergenceName?: string | undefined;
}

export interface Manifest extends PluginNames, Omit<z.output<typeof manifestSchema>, 'sipConvergenceName'> {
  readonly sipConvergenceName: string;
  /** Path of the module, relative to the plugin's folder. */
  readonly main: string;
}

/** The names of the plugin of a package.json, good or bad. */
export function pluginNamesOf(content: object, folderName: string): PluginNames {
  const parsed = packageNameSchema.safeParse(Reflect.get(content, 'name'));
  const packageName = parsed.success ? parsed.data : folderName;
  return { name: packageName.replace(/^@[^/]*\//, ''), packageName };
}

/** A plugin's package.json, as far as it can be understood. */
export interface ReadManifest {
  /** Undefined if something in the file is wrong. */
  readonly manifest: Manifest | undefined;
  readonly faults: readonly PluginError[];
  readonly claims: Claims;
  /** Path of the module, relative to the plugin's folder. */
  readonly main: string;
}

/**
 * Reads a plugin's package.json, with all that is wrong in it.
 * @param file its path, for the errors
 */
export function readManifest(file: string, names: PluginNames, content: object): ReadManifest {
  const { name } = names;
  const main = mainOf(content);
  if (!('sipxrest' in content)) {
    const problem = { plugin: name, file, key: 'sipxrest', expected: 'an object', found: undefined };
    const faults = [new PluginError('SIPXREST_PLUGIN_NO_MANIFEST', problem)];
    return { manifest: undefined, faults, claims: { name }, main };
  }
  const parsed = packageSchema.safeParse(content);
  const faults = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => manifestErrors(file, name, content, issue)),
    ...wrongVersion(file, name, content),
  ];
  const { uriPrefix, sipConvergenceName } = manifestSchema.shape;
  const own = (key: string): unknown => valueAt(content, ['sipxrest', key]);
  const claims = {
    name,
    uriPrefix: uriPrefix.safeParse(own('uriPrefix')).data,
    sipConvergenceName: sipConvergenceName.safeParse(own('sipConvergenceName')).data ?? name,
  };
  if (!parsed.success) return { manifest: undefined, faults, claims, main };
  const { sipxrest } = parsed.data;
  const manifest = { ...sipxrest, ...names, sipConvergenceName: claims.sipConvergenceName, main };
  return { manifest, faults, claims, main };
}

function manifestErrors(file: string, plugin: string, content: object, issue: z.core.$ZodIssue): PluginError[] {
  const fault = (code: PluginErrorCode, path: readonly PropertyKey[], expected: string): PluginError => {
    const problem = { plugin, file, line: linesInFile(file)(path), key: path.join('.'), expected };
    return new PluginError(code, { ...problem, found: valueAt(content, path) });
  };
  if (issue.code !== 'unrecognized_keys') return [fault('SIPXREST_PLUGIN_BAD_MANIFEST', issue.path, issue.message)];
  const known = Object.keys(manifestSchema.shape);
  return issue.keys.map((key) => {
    const near = nearest(key, known);
    const expected = `one of ${known.join(', ')}${near === undefined ? '' : `; perhaps ${near}`}`;
    return fault('SIPXREST_PLUGIN_UNKNOWN_KEY', [...issue.path, key], expected);
  });
}

function wrongVersion(file: string, plugin: string, content: object): PluginError[] {
  const path = ['peerDependencies', 'sipxrest'];
  const range = valueAt(content, path);
  if (typeof range !== 'string' || validRange(range) === null) return [];
  if (satisfies(version(), range, { includePrerelease: true })) return [];
  const expected = `a range with ${version()} in it`;
  const problem = { plugin, file, line: linesInFile(file)(path), key: path.join('.'), expected, found: range };
  return [new PluginError('SIPXREST_PLUGIN_WRONG_VERSION', problem)];
}

function mainOf(content: object): string {
  const main: unknown = Reflect.get(content, 'main');
  return mainExport(Reflect.get(content, 'exports')) ?? (typeof main === 'string' ? main : 'index.js');
}

const CONDITIONS = new Set(['import', 'node', 'module-sync', 'default']);

/** The module that `import` takes from an `exports` field: a path, or the conditions of ".", of which the first that holds wins. */
function mainExport(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  if (Object.hasOwn(exports, '.')) return mainExport(Reflect.get(exports, '.'));
  return Object.entries(exports)
    .filter(([condition]) => CONDITIONS.has(condition))
    .map(([, target]) => mainExport(target))
    .find((path) => path !== undefined);
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    content,
  );
}
