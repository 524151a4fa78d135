import { satisfies, validRange } from 'semver';
import { z } from 'zod';
import { version } from '../version.js';
import type { PluginNames } from '../config/plugins.js';
import { PluginError } from './plugin-error.js';

const text = (expected: string, pattern: RegExp) => z.string(expected).regex(pattern, expected);
const authenticationMethod = z.enum(['HTTP-DIGEST', 'HTTP-BASIC'], 'HTTP-DIGEST, HTTP-BASIC or both in an array');
const packageNameSchema = text('a package name', /^(?:@[A-Za-z0-9._~-]+\/)?[A-Za-z0-9][A-Za-z0-9._~-]*$/);

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
        [authenticationMethod.transform((method) => [method]), z.array(authenticationMethod).min(1)],
        'HTTP-DIGEST, HTTP-BASIC or both in an array',
      )
      .default(['HTTP-DIGEST'])
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

/**
 * Checks a plugin's package.json.
 * @param file its path, for the error
 * @throws PluginError naming the key, what was expected and what was found
 */
export function checkManifest(file: string, names: PluginNames, content: object): Manifest {
  const { name } = names;
  if (!('sipxrest' in content)) {
    const problem = { plugin: name, file, key: 'sipxrest', expected: 'an object', found: undefined };
    throw new PluginError('SIPXREST_PLUGIN_NO_MANIFEST', problem);
  }
  const parsed = packageSchema.safeParse(content);
  const issue = parsed.error?.issues[0];
  if (!parsed.success) throw issue ? manifestError(file, name, content, issue) : parsed.error;
  const { sipxrest, main, exports, peerDependencies } = parsed.data;
  const range = peerDependencies?.sipxrest ?? '*';
  if (!satisfies(version(), range, { includePrerelease: true }))
    throw new PluginError('SIPXREST_PLUGIN_WRONG_VERSION', {
      plugin: name,
      file,
      key: 'peerDependencies.sipxrest',
      expected: `a range with ${version()} in it`,
      found: range,
    });
  return {
    ...sipxrest,
    ...names,
    sipConvergenceName: sipxrest.sipConvergenceName ?? name,
    main: mainExport(exports) ?? main ?? 'index.js',
  };
}

function manifestError(file: string, plugin: string, content: object, issue: z.core.$ZodIssue): PluginError {
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, ...issue.keys.slice(0, 1)];
    const expected = `one of ${Object.keys(manifestSchema.shape).join(', ')}`;
    const problem = { plugin, file, key: path.join('.'), expected, found: valueAt(content, path) };
    return new PluginError('SIPXREST_PLUGIN_UNKNOWN_KEY', problem);
  }
  const { path, message: expected } = issue;
  const problem = { plugin, file, key: path.join('.'), expected, found: valueAt(content, path) };
  return new PluginError('SIPXREST_PLUGIN_BAD_MANIFEST', problem);
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
