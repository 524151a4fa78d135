import { pathToFileURL } from 'node:url';
import { container as rootContainer, injectable, type InjectionToken } from 'tsyringe';
import { type Plugin, Sdk } from '../../sdk/index.js';
import type { DiscoveredPlugin } from './discovery.js';
import { PluginError } from './plugin-error.js';

type PluginClass = new (...parameters: never[]) => Plugin;
type Step = 'start' | 'stop';

/** An abstract class is a fine token; tsyringe's types know concrete ones only. */
const SDK_TOKEN = Sdk as unknown as InjectionToken<Sdk>;
/** Where the TypeScript compiler (`emitDecoratorMetadata`) writes the types of a constructor's parameters. */
const PARAMETER_TYPES = 'design:paramtypes';

/** A plugin that hangs must hold up neither the others nor the end of the process. */
const IMPORT_LIMIT_MS = 10_000;
const STEP_LIMIT_MS: Readonly<Record<Step, number>> = { start: 10_000, stop: 5_000 };

/**
 * Imports a plugin's module and builds its class in a DI container of its own, with this plugin's SDK in it.
 * @throws PluginError when the module, the class or its dependencies are not as they should be
 */
export async function load(plugin: DiscoveredPlugin, sdk: Sdk, importLimitMs = IMPORT_LIMIT_MS): Promise<Plugin> {
  const pluginClass = await importClass(plugin, importLimitMs);
  describeParameters(pluginClass);
  const scope = rootContainer.createChildContainer();
  scope.register(SDK_TOKEN, { useValue: sdk });
  try {
    return scope.resolve<Plugin>(pluginClass as unknown as InjectionToken<Plugin>);
  } catch (error) {
    throw failure(plugin, 'constructor', 'a plugin that can be built', error);
  }
}

/** Runs one step of a plugin's life. What it throws becomes a {@link PluginError}, and so does a step that does not end in time. */
export async function run(
  plugin: DiscoveredPlugin,
  step: Step,
  instance: Plugin,
  limitMs: number = STEP_LIMIT_MS[step],
): Promise<void> {
  try {
    await within(limitMs, async () => instance[step]?.());
  } catch (error) {
    throw failure(plugin, step, `${step}() to succeed`, error);
  }
}

async function importClass(plugin: DiscoveredPlugin, limitMs: number): Promise<PluginClass> {
  let module: { default?: unknown };
  try {
    module = await within(limitMs, () => import(pathToFileURL(plugin.module).href));
  } catch (error) {
    throw failure(plugin, 'module', 'a module that can be imported', error);
  }
  if (!isClass(module.default)) throw failure(plugin, 'default export', 'a class', kindOf(module.default));
  return module.default;
}

function isClass(value: unknown): value is PluginClass {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function kindOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : typeof value;
}

/** A class in plain JavaScript says nothing about the types of its parameters: its only one is the SDK. */
function describeParameters(pluginClass: PluginClass): void {
  if (pluginClass.length <= 1 && !Reflect.hasMetadata(PARAMETER_TYPES, pluginClass))
    Reflect.defineMetadata(PARAMETER_TYPES, [Sdk], pluginClass);
  injectable()(pluginClass);
}

async function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work(), limit]);
  } finally {
    clearTimeout(timer);
  }
}

function failure(plugin: DiscoveredPlugin, key: string, expected: string, found: unknown): PluginError {
  return new PluginError({ plugin: plugin.manifest.name, file: plugin.module, key, expected, found }, found);
}
