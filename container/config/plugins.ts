import type { Settings } from './settings.js';

/** The configuration and other plugins may use either name. */
export interface PluginNames {
  /** The package's name without its scope, else the folder's. */
  readonly name: string;
  /** With its scope, for example `@acme/greet`; without one the same as `name`. */
  readonly packageName: string;
}

/**
 * The sandbox is a SIP domain of its own, for demonstrations and tests: loaded only when it is named, and then started before those
 * that place calls in it, so that it hears them hang up at the end.
 */
const SANDBOX = 'sandbox';

/**
 * Whether a plugin that was found is to be loaded. SIPXREST_PLUGINS, where it is set, lists all that are; else a plugin is left out by
 * `false` in `plugins`, and the sandbox is loaded if it has settings (`{}` will do).
 */
export function isPluginEnabled(settings: Pick<Settings, 'plugins' | 'pluginNames'>, names: PluginNames): boolean {
  const { pluginNames } = settings;
  if (pluginNames !== undefined) return pluginNames.includes(names.name) || pluginNames.includes(names.packageName);
  const { settings: own } = pluginSettings(settings, names);
  return own === undefined ? names.name !== SANDBOX : own !== false;
}

/** A plugin's own settings, and the key in `plugins` under which they stand: the name of its package comes first. */
export function pluginSettings({ plugins }: Pick<Settings, 'plugins'>, { name, packageName }: PluginNames) {
  const key = Object.hasOwn(plugins, packageName) ? packageName : name;
  return { key, settings: Object.hasOwn(plugins, key) ? plugins[key] : undefined };
}

/** The plugins that the administrator wrote down, and where. */
export function writtenPlugins(
  settings: Settings,
): readonly { readonly key: string; readonly written: string; readonly isLeftOut?: boolean }[] {
  const { plugins, pluginNames = [], requiredPlugins } = settings;
  return [
    ...Object.keys(plugins).map((written) => ({ key: 'plugins', written, isLeftOut: plugins[written] === false })),
    ...pluginNames.map((written) => ({ key: 'SIPXREST_PLUGINS', written })),
    ...requiredPlugins.map((written) => ({ key: 'requiredPlugins', written })),
  ];
}

/** Rank for sorting plugins: those that others may need without knowing come first. */
export function startRank({ name }: PluginNames): number {
  return name === SANDBOX ? 0 : 1;
}
