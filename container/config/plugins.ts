import type { Settings } from './settings.js';

/** Loaded only when they are named: the sandbox is a SIP domain of its own, for demonstrations and tests. */
const onlyWhenNamed: ReadonlySet<string> = new Set(['sandbox']);

/**
 * Whether a plugin that was found is to be loaded. SIPXREST_PLUGINS, where it is set, lists all that are; else a plugin
 * is left out by `false` in `plugins`, and the sandbox is taken in by settings of its own (`{}` will do).
 */
export function isPluginEnabled(settings: Pick<Settings, 'plugins' | 'pluginNames'>, name: string): boolean {
  if (settings.pluginNames !== undefined) return settings.pluginNames.includes(name);
  const own = Object.hasOwn(settings.plugins, name) ? settings.plugins[name] : undefined;
  return own === undefined ? !onlyWhenNamed.has(name) : own !== false;
}
