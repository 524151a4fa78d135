interface PluginErrorDescription {
  /** What has happened, as a sentence without its full stop. */
  readonly meaning: string;
  /** What helps. */
  readonly remedy: string;
}

/** Every way in which a plugin can fail. docs/errors.md is made of it. */
export const PLUGIN_ERRORS = {
  SIPXREST_PLUGIN_NOT_FOUND: {
    meaning: 'The configuration names a plugin that is in no plugin folder and not installed as an npm package',
    remedy:
      'Correct the name in `plugins`, `requiredPlugins` or `SIPXREST_PLUGINS`, add its folder to `pluginDir`, or `npm install` it',
  },
  SIPXREST_PLUGIN_LEFT_OUT: {
    meaning: '`requiredPlugins` names a plugin that the configuration leaves out',
    remedy: 'Take it out of one of the two; `sandbox` has to be named in `plugins`',
  },
  SIPXREST_PLUGIN_PACKAGE_UNREADABLE: {
    meaning: 'The package.json cannot be read, or is longer than 64 KiB',
    remedy: 'Look at the permissions of the file, and at its size',
  },
  SIPXREST_PLUGIN_PACKAGE_NOT_JSON: {
    meaning: 'The package.json is not JSON',
    remedy: 'Mend the syntax; `node -p "require(\'./package.json\')"` shows the place',
  },
  SIPXREST_PLUGIN_NO_MANIFEST: {
    meaning: 'The package.json has no `sipxrest` object: the package is no plugin',
    remedy: 'Add the object, or name another package',
  },
  SIPXREST_PLUGIN_UNKNOWN_KEY: {
    meaning: 'The `sipxrest` object has a key that the container does not know',
    remedy: 'Correct its spelling, or remove it',
  },
  SIPXREST_PLUGIN_BAD_MANIFEST: {
    meaning: 'A key of the package.json is missing, or its value is of the wrong type or form',
    remedy: 'Write what was expected; an editor helps when `$schema` names `plugin-manifest.schema.json`',
  },
  SIPXREST_PLUGIN_WRONG_VERSION: {
    meaning: '`peerDependencies.sipxrest` asks for another version of the SDK than this one, for example a newer one',
    remedy: 'Update sipxrest, or install the version of the plugin that goes with it',
  },
  SIPXREST_PLUGIN_NO_MAIN: {
    meaning: '`main` or `exports` name no file inside the plugin’s folder; without them it is `index.js`',
    remedy: 'Build the plugin, or correct the path',
  },
  SIPXREST_PLUGIN_DUPLICATE_NAME: {
    meaning: 'A plugin of this name was found before; the scope of a package does not count',
    remedy: 'Rename one of the two, or remove it',
  },
  SIPXREST_PLUGIN_DUPLICATE_PREFIX: {
    meaning: 'The `uriPrefix` is that of another plugin or of the container; capital letters do not count',
    remedy: 'Choose another prefix',
  },
  SIPXREST_PLUGIN_PREFIX_OVERLAP: {
    meaning: 'The `uriPrefix` lies under that of another plugin or of the container, or the other way round',
    remedy: 'Choose a prefix beside it',
  },
  SIPXREST_PLUGIN_DUPLICATE_CONVERGENCE_NAME: {
    meaning: 'The `sipConvergenceName`, by default the plugin’s name, is that of another plugin',
    remedy: 'Choose another name',
  },
  SIPXREST_PLUGIN_MISSING_DEPENDENCY: {
    meaning: '`dependsOn` names a plugin that is not there, or that the configuration leaves out',
    remedy: 'Install that plugin, or name it in `plugins`',
  },
  SIPXREST_PLUGIN_CIRCULAR_DEPENDENCY: {
    meaning: 'The plugin depends on itself by way of the plugins that it depends on',
    remedy: 'Take one `dependsOn` of the circle away',
  },
  SIPXREST_PLUGIN_FAILED_DEPENDENCY: {
    meaning: 'A plugin that this one depends on has failed; an error of its own says why',
    remedy: 'Mend that plugin first',
  },
  SIPXREST_PLUGIN_SYNTAX_ERROR: {
    meaning:
      'The plugin’s module, or one that it imports, is not valid JavaScript, or imports a name that is not exported',
    remedy: 'Run `node --check` on the file that the stack names',
  },
  SIPXREST_PLUGIN_IMPORT_FAILED: {
    meaning: 'The plugin’s module cannot be imported: it throws, or a package that it needs is not installed',
    remedy: 'Run `npm install` in the plugin’s folder; the stack in the log shows the place',
  },
  SIPXREST_PLUGIN_IMPORT_TIMEOUT: {
    meaning: 'The plugin’s module was not imported within `pluginTimeoutMs`: an `await` at its top level hangs',
    remedy: 'Do in `start()` what takes time',
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
    meaning: 'What the constructor takes cannot be injected, or a class that it takes cannot be built',
    remedy:
      'Take `Sdk` and classes that are `@injectable()`; compile with `experimentalDecorators` and `emitDecoratorMetadata`',
  },
  SIPXREST_PLUGIN_MISSING_SERVICE: {
    meaning: 'The constructor takes a service that no plugin in `dependsOn` provides',
    remedy:
      'Name the plugin that provides it in `dependsOn`; it has to call `sdk.provide()` in its constructor or in `start()`',
  },
  SIPXREST_PLUGIN_FOREIGN_SERVICE: {
    meaning: 'The constructor takes a class that has the name of a service’s token and is another one',
    remedy:
      'Import the token from the module from which its provider imports it; two copies of a package are two tokens',
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
    remedy: 'Let it end before the work that goes on for long, or raise the limit',
  },
  SIPXREST_PLUGIN_STOP_FAILED: {
    meaning: '`stop()` throws or rejects; what the plugin got from its SDK is closed all the same',
    remedy: 'The stack in the log shows the place',
  },
  SIPXREST_PLUGIN_STOP_TIMEOUT: {
    meaning: '`stop()` has not ended within `pluginTimeoutMs`; what the plugin got from its SDK is closed all the same',
    remedy: 'End what it waits for, or raise the limit',
  },
  SIPXREST_PLUGIN_WRONG_PHASE: {
    meaning: 'The plugin has called its SDK in a phase in which that cannot work; thrown at the plugin',
    remedy: 'See [the phases](#phases)',
  },
  SIPXREST_PLUGIN_DUPLICATE_SERVICE: {
    meaning: 'The plugin calls `sdk.provide()` for a service that is provided already; thrown at the plugin',
    remedy: 'Provide it once, and leave one of two plugins out that provide the same',
  },
  SIPXREST_PLUGIN_NO_DATA_FOLDER: {
    meaning: 'The folder for the plugin’s data cannot be made; thrown at the plugin that asks for `sdk.dataDir`',
    remedy: 'Let `dataDir` of the configuration name a folder in which the container may write',
  },
  SIPXREST_PLUGIN_DUPLICATE_CACHE: {
    meaning: 'The plugin has made a cache of this name before; thrown at the plugin',
    remedy: 'Make it once and keep it, or choose another name',
  },
} as const satisfies Readonly<Record<`SIPXREST_PLUGIN_${string}`, PluginErrorDescription>>;

export type PluginErrorCode = keyof typeof PLUGIN_ERRORS;
