import { z } from 'zod';
import { PluginError } from './plugin-error.js';

const text = (expected: string, pattern: RegExp) => z.string(expected).regex(pattern, expected);
const authenticationMethod = z.enum(['HTTP-DIGEST', 'HTTP-BASIC'], 'HTTP-DIGEST, HTTP-BASIC or both in an array');

/** The `sipxrest` object of a plugin's package.json: the elements of sipXrest's plugin.xml. */
const manifestSchema = z.strictObject(
  {
    uriPrefix: text('a path such as /hello', /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]{1,64}){1,4}$/),
    securityLevel: z.enum(['LOCAL-AND-REMOTE', 'LOCAL-ONLY'], 'LOCAL-AND-REMOTE or LOCAL-ONLY'),
    remoteAuthenticationMethod: z
      .union(
        [authenticationMethod.transform((method) => [method]), z.array(authenticationMethod).min(1)],
        'HTTP-DIGEST, HTTP-BASIC or both in an array',
      )
      .default(['HTTP-DIGEST']),
    sipConvergenceName: text(
      'a SIP user part of letters, digits, ".", "_" and "-"',
      /^[A-Za-z0-9._-]{1,64}$/,
    ).optional(),
    serviceDescription: z.string('a text').max(500, 'a text of 500 characters at the most').default(''),
  },
  'an object with uriPrefix, securityLevel, remoteAuthenticationMethod, sipConvergenceName and serviceDescription',
);

const packageName = text('a package name', /^(?:@[A-Za-z0-9._~-]+\/)?[A-Za-z0-9][A-Za-z0-9._~-]*$/);

const packageSchema = z.object({
  name: packageName.optional(),
  main: z.string('the path of the plugin’s module').optional(),
  exports: z.unknown().optional(),
  sipxrest: manifestSchema,
});

export interface Manifest extends Omit<z.output<typeof manifestSchema>, 'sipConvergenceName'> {
  /** The package's name without its scope, else the folder's. */
  readonly name: string;
  readonly sipConvergenceName: string;
  /** Path of the module, relative to the plugin's folder. */
  readonly main: string;
}

/** The name under which the configuration knows the plugin of a package.json, good or bad. */
export function pluginNameOf(content: object, folderName: string): string {
  const name = packageName.safeParse(Reflect.get(content, 'name'));
  return name.success ? name.data.replace(/^@[^/]*\//, '') : folderName;
}

/**
 * Checks a plugin's package.json.
 * @param file its path, for the error
 * @throws PluginError naming the key, what was expected and what was found
 */
export function checkManifest(file: string, name: string, content: object): Manifest {
  const parsed = packageSchema.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const path = [...(issue?.path ?? []), ...unknownKey];
    const expected =
      unknownKey.length > 0 ? `one of ${Object.keys(manifestSchema.shape).join(', ')}` : (issue?.message ?? '');
    throw new PluginError({ plugin: name, file, key: path.join('.'), expected, found: valueAt(content, path) });
  }
  const { sipxrest, main, exports } = parsed.data;
  return {
    ...sipxrest,
    name,
    sipConvergenceName: sipxrest.sipConvergenceName ?? name,
    main: mainExport(exports) ?? main ?? 'index.js',
  };
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
