interface PluginErrorDescription {
  /** What has happened, as a sentence without its full stop. */
  readonly meaning: string;
  /** What the operator or the author of the plugin can do, as a sentence without its full stop. */
  readonly remedy: string;
}

/** Every way in which a plugin can fail. The source of docs/errors.md. */
export const PLUGIN_ERRORS = {
  SIPXREST_PLUGIN_NOT_FOUND: {
    meaning: 'The configuration names a plugin that is neither in a plugin folder nor installed as an npm package',
    remedy:
      'Correct the name in `plugins`, `requiredPlugins` or `SIPXREST_PLUGINS`, add its folder to `pluginDir`, or `npm install` it',
  },
  SIPXREST_PLUGIN_LEFT_OUT: {
    meaning: '`requiredPlugins` names a plugin that the configuration leaves out',
    remedy: 'Remove the name from `requiredPlugins`, or load the plugin; `sandbox` has to be named in `plugins`',
  },
  SIPXREST_PLUGIN_PACKAGE_UNREADABLE: {
    meaning: 'The package.json cannot be read, or is longer than 64 KiB',
    remedy: 'Check the permissions and the size of the file',
  },
  SIPXREST_PLUGIN_PACKAGE_NOT_JSON: {
    meaning: 'The package.json is not JSON',
    remedy: 'Correct the syntax; `node -p "require(\'./package.json\')"` shows the place',
  },
  SIPXREST_PLUGIN_NO_MANIFEST: {
    meaning: 'The package.json has no `sipxrest` object: the package is not a plugin',
    remedy: 'Add the object, or name another package',
  },
  SIPXREST_PLUGIN_UNKNOWN_KEY: {
    meaning: 'The `sipxrest` object has a key that the container does not know',
    remedy: 'Correct its spelling, or remove it',
  },
  SIPXREST_PLUGIN_BAD_MANIFEST: {
    meaning: 'A key of the package.json is missing, or its value is of the wrong type or form',
    remedy:
      'Correct the value as the message says; an editor checks it if `$schema` names `plugin-manifest.schema.json`',
  },
  SIPXREST_PLUGIN_WRONG_VERSION: {
    meaning: '`peerDependencies.sipxrest` requires another version of the SDK, for example a newer one',
    remedy: 'Update sipxrest, or install a version of the plugin that works with this one',
  },
  SIPXREST_PLUGIN_NO_MAIN: {
    meaning: '`main` or `exports` name no file in the plugin’s folder; without both, `index.js` is missing',
    remedy: 'Build the plugin, or correct the path',
  },
  SIPXREST_PLUGIN_DUPLICATE_NAME: {
    meaning: 'Another plugin has the same name; the scope of a package is ignored',
    remedy: 'Rename one of the two, or remove it',
  },
  SIPXREST_PLUGIN_DUPLICATE_PREFIX: {
    meaning: 'Another plugin or the container has the same `uriPrefix`; case is ignored',
    remedy: 'Choose another prefix',
  },
  SIPXREST_PLUGIN_PREFIX_OVERLAP: {
    meaning: 'The `uriPrefix` is below one of another plugin or of the container, or above it',
    remedy: 'Choose a prefix that is neither below nor above another',
  },
  SIPXREST_PLUGIN_DUPLICATE_CONVERGENCE_NAME: {
    meaning: 'Another plugin has the same `sipConvergenceName`, by default the plugin’s name',
    remedy: 'Choose another name',
  },
  SIPXREST_PLUGIN_MISSING_DEPENDENCY: {
    meaning: '`dependsOn` names a plugin that is missing, or that the configuration leaves out',
    remedy: 'Install that plugin, or name it in `plugins`',
  },
  SIPXREST_PLUGIN_CIRCULAR_DEPENDENCY: {
    meaning: 'The plugin depends on itself through other plugins',
    remedy: 'Remove one `dependsOn` of the circle',
  },
  SIPXREST_PLUGIN_FAILED_DEPENDENCY: {
    meaning: 'A plugin that this one depends on has failed; the error of that plugin says why',
    remedy: 'Repair that plugin first',
  },
  SIPXREST_PLUGIN_SYNTAX_ERROR: {
    meaning:
      'The plugin’s module, or a module imported by it, is not valid JavaScript or imports a name that is not exported',
    remedy: 'Run `node --check` on the file that the stack names',
  },
  SIPXREST_PLUGIN_IMPORT_FAILED: {
    meaning: 'The plugin’s module cannot be imported: it throws, or a required package is not installed',
    remedy: 'Run `npm install` in the plugin’s folder; the stack in the log shows the place',
  },
  SIPXREST_PLUGIN_IMPORT_TIMEOUT: {
    meaning: 'The plugin’s module was not imported within `pluginTimeoutMs`: an `await` at its top level hangs',
    remedy: 'Move work that takes time to `start()`',
  },
  SIPXREST_PLUGIN_NO_DEFAULT_EXPORT: {
    meaning: 'The plugin’s module has no default export',
    remedy: 'Write `export default class …`',
  },
  SIPXREST_PLUGIN_NOT_A_CLASS: {
    meaning: 'The default export of the plugin’s module is not a class',
    remedy: 'Write `export default class …`',
  },
  SIPXREST_PLUGIN_INJECTION_FAILED: {
    meaning: 'A parameter of the constructor cannot be injected, or its class cannot be instantiated',
    remedy:
      'Let the constructor take `Sdk` and `@injectable()` classes only; compile with `experimentalDecorators` and `emitDecoratorMetadata`',
  },
  SIPXREST_PLUGIN_MISSING_SERVICE: {
    meaning: 'The constructor takes a service that no plugin in `dependsOn` provides',
    remedy:
      'Add the plugin that provides the service to `dependsOn`; that plugin has to call `sdk.provide()` in its constructor or in `start()`',
  },
  SIPXREST_PLUGIN_FOREIGN_SERVICE: {
    meaning: 'The constructor takes a class that only shares its name with the token of a service',
    remedy: 'Import the token from the same module as its provider does; two copies of a package are two tokens',
  },
  SIPXREST_PLUGIN_CONSTRUCTOR_FAILED: {
    meaning: 'The constructor of the plugin’s class throws',
    remedy: 'The stack in the log shows the place',
  },
  SIPXREST_PLUGIN_START_FAILED: {
    meaning: '`start()` throws or rejects',
    remedy: 'The stack in the log shows the place',
  },
  SIPXREST_PLUGIN_START_TIMEOUT: {
    meaning: '`start()` has not ended within `pluginTimeoutMs`',
    remedy: 'Do not await long-running work in `start()`, or raise the limit',
  },
  SIPXREST_PLUGIN_STOP_FAILED: {
    meaning: '`stop()` throws or rejects; the container closes everything that the plugin got from its SDK regardless',
    remedy: 'The stack in the log shows the place',
  },
  SIPXREST_PLUGIN_STOP_TIMEOUT: {
    meaning:
      '`stop()` has not ended within `pluginTimeoutMs`; the container closes everything that the plugin got from its SDK regardless',
    remedy: 'Cancel what `stop()` waits for, or raise the limit',
  },
  SIPXREST_PLUGIN_WRONG_PHASE: {
    meaning: 'The plugin makes a call of the SDK that is not possible in the current phase; thrown by that call',
    remedy: 'See [the phases](#phases)',
  },
  SIPXREST_PLUGIN_DUPLICATE_SERVICE: {
    meaning: 'The service is already provided; thrown by `sdk.provide()`',
    remedy: 'Provide each service once; if two plugins provide it, leave one of them out',
  },
  SIPXREST_PLUGIN_NO_DATA_FOLDER: {
    meaning: 'The folder for the plugin’s data cannot be created; thrown by `sdk.dataDir`',
    remedy: 'Set `dataDir` in the configuration to a folder that the container may write to',
  },
  SIPXREST_PLUGIN_DUPLICATE_CACHE: {
    meaning: 'The plugin already has a cache of this name; thrown by `sdk.cache()`',
    remedy: 'Create the cache once and keep it, or choose another name',
  },
} as const satisfies Readonly<Record<`SIPXREST_PLUGIN_${string}`, PluginErrorDescription>>;

export type PluginErrorCode = keyof typeof PLUGIN_ERRORS;
