import type { DiscoveredPlugin } from './discovered-plugin.js';
import { PluginError } from './plugin-error.js';

export interface StartOrder {
  /** Each behind those that it depends on, otherwise as they were found. */
  readonly plugins: readonly DiscoveredPlugin[];
  readonly errors: readonly PluginError[];
}

export interface Knowledge {
  /** The name of a plugin of which one may speak by that of its package. */
  readonly nameOf: (written: string) => string;
  /** Whether the plugin of that name was found and left out; who depends on it stays in the order. */
  readonly hasFailed: (name: string) => boolean;
}

/**
 * Puts plugins into the order in which they start. Those of a circle are left out, and those that depend on what is not there.
 */
export function inStartOrder(plugins: readonly DiscoveredPlugin[], { nameOf, hasFailed }: Knowledge): StartOrder {
  const byName = new Map(plugins.map((plugin) => [plugin.manifest.name, plugin]));
  const ordered = new Set<DiscoveredPlugin>();
  const errors = new Map<DiscoveredPlugin, PluginError>();
  for (const plugin of plugins) visit(plugin, []);
  return { plugins: [...ordered], errors: [...errors.values()] };

  function visit(plugin: DiscoveredPlugin, trail: readonly DiscoveredPlugin[]): void {
    if (ordered.has(plugin) || errors.has(plugin)) return;
    const start = trail.indexOf(plugin);
    if (start >= 0) {
      for (const member of trail.slice(start)) errors.set(member, circle(member, trail.slice(start)));
      return;
    }
    for (const written of plugin.manifest.dependsOn) {
      const name = nameOf(written);
      const dependency = byName.get(name);
      if (dependency) visit(dependency, [...trail, plugin]);
      else if (!hasFailed(name)) errors.set(plugin, missing(plugin, written));
      if (errors.has(plugin)) return;
    }
    ordered.add(plugin);
  }
}

/** Of a plugin that works by itself. */
export function failedDependency({ manifest, file }: DiscoveredPlugin, cause: PluginError): PluginError {
  const expected = `plugin ${cause.plugin} to work`;
  const problem = { plugin: manifest.name, file, key: 'sipxrest.dependsOn', expected, found: cause.code };
  return new PluginError('SIPXREST_PLUGIN_FAILED_DEPENDENCY', problem);
}

function missing({ manifest, file }: DiscoveredPlugin, found: string): PluginError {
  const problem = {
    plugin: manifest.name,
    file,
    key: 'sipxrest.dependsOn',
    expected: 'plugins that are loaded',
    found,
  };
  return new PluginError('SIPXREST_PLUGIN_MISSING_DEPENDENCY', problem);
}

function circle(plugin: DiscoveredPlugin, members: readonly DiscoveredPlugin[]): PluginError {
  const start = members.indexOf(plugin);
  const round = [...members.slice(start), ...members.slice(0, start), plugin];
  const found = round.map(({ manifest }) => manifest.name).join(' → ');
  const problem = { plugin: plugin.manifest.name, file: plugin.file, key: 'sipxrest.dependsOn' };
  return new PluginError('SIPXREST_PLUGIN_CIRCULAR_DEPENDENCY', { ...problem, expected: 'no circle', found });
}
