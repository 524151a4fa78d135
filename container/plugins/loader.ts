import { pathToFileURL } from 'node:url';
import { container as rootContainer, type InjectionToken } from 'tsyringe';
import { type Plugin, Sdk } from '../../sdk/index.js';
import type { DiscoveredPlugin } from './discovery.js';
import { PluginError } from './plugin-error.js';

type PluginClass = new (...parameters: never[]) => Plugin;

/** An abstract class is a fine token; tsyringe's types know concrete ones only. */
const SDK_TOKEN = Sdk as unknown as InjectionToken<Sdk>;

/**
 * Imports a plugin's module and builds its class in a DI container of its own, with this plugin's SDK in it.
 * @throws PluginError when the module, the class or its dependencies are not as they should be
 */
export async function load(plugin: DiscoveredPlugin, sdk: Sdk): Promise<Plugin> {
  const pluginClass = await importClass(plugin);
  const scope = rootContainer.createChildContainer();
  scope.register(SDK_TOKEN, { useValue: sdk });
  try {
    return scope.resolve<Plugin>(pluginClass as unknown as InjectionToken<Plugin>);
  } catch (error) {
    throw failure(plugin, 'constructor', 'a plugin that can be built', error);
  }
}

/** Runs one step of a plugin's life; what it throws becomes a {@link PluginError}. */
export async function run(plugin: DiscoveredPlugin, step: 'start' | 'stop', instance: Plugin): Promise<void> {
  try {
    await instance[step]?.();
  } catch (error) {
    throw failure(plugin, step, `${step}() to succeed`, error);
  }
}

async function importClass(plugin: DiscoveredPlugin): Promise<PluginClass> {
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(plugin.module).href);
  } catch (error) {
    throw failure(plugin, 'module', 'a module that can be imported', error);
  }
  if (!isClass(module.default)) throw failure(plugin, 'default export', 'a class', typeof module.default);
  return module.default;
}

function isClass(value: unknown): value is PluginClass {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function failure({ manifest, module }: DiscoveredPlugin, key: string, expected: string, found: unknown): PluginError {
  return new PluginError({ plugin: manifest.name, file: module, key, expected, found }, found);
}
