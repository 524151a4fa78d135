import { pathToFileURL } from 'node:url';
import { container as rootContainer, injectable, type InjectionToken } from 'tsyringe';
import { type Plugin, Sdk, type ServiceToken } from '../../sdk/index.js';
import type { DiscoveredPlugin } from './discovered-plugin.js';
import type { PluginErrorCode } from './errors.js';
import { PluginError } from './plugin-error.js';

type PluginClass = new (...parameters: never[]) => Plugin;
type Step = 'start' | 'stop';
/** An abstract class is a fine token; tsyringe's types know concrete ones only. */
type Token = ServiceToken<object>;

/** Where the TypeScript compiler (`emitDecoratorMetadata`) writes the types of a constructor's parameters. */
const PARAMETER_TYPES = 'design:paramtypes';
/** tsyringe's errors have no class and no code of their own. What a constructor of the plugin's throws reads otherwise. */
const INJECTION_ERROR = /^(?:Cannot inject the dependency|TypeInfo not known for|Attempted to (?:resolve|construct)) /;

const STEP_CODES = {
  start: { failed: 'SIPXREST_PLUGIN_START_FAILED', timedOut: 'SIPXREST_PLUGIN_START_TIMEOUT' },
  stop: { failed: 'SIPXREST_PLUGIN_STOP_FAILED', timedOut: 'SIPXREST_PLUGIN_STOP_TIMEOUT' },
} as const satisfies Record<Step, Record<'failed' | 'timedOut', PluginErrorCode>>;

class TimeoutError extends Error {
  constructor(limitMs: number) {
    super(`no end after ${limitMs} ms`);
  }
}

/** A plugin's class, before it is built. */
export interface ImportedPlugin {
  readonly pluginClass: PluginClass;
  /** The classes that its constructor takes, and those that they take: among them may be tokens of services. */
  readonly tokens: readonly Token[];
}

/**
 * Imports a plugin's module.
 * @param limitMs a plugin that hangs must not hold up the others
 * @throws PluginError when the module or its default export are not as they should be
 */
export async function importClass(plugin: DiscoveredPlugin, limitMs: number): Promise<ImportedPlugin> {
  const pluginClass = await defaultExport(plugin, limitMs);
  describeParameters(pluginClass);
  return { pluginClass, tokens: [...takenBy(pluginClass)] };
}

/**
 * Builds a plugin's class in a DI container of its own, with this plugin's SDK in it.
 * @param services what the plugins provide on which this one depends
 * @throws PluginError when the class cannot be built
 */
export function build(
  plugin: DiscoveredPlugin,
  { pluginClass }: ImportedPlugin,
  sdk: Sdk,
  services: readonly (readonly [token: Token, value: object])[],
): Plugin {
  const scope = rootContainer.createChildContainer();
  for (const [token, useValue] of [[Sdk, sdk] as const, ...services])
    scope.register(token as unknown as InjectionToken<object>, { useValue });
  try {
    return scope.resolve<Plugin>(pluginClass as unknown as InjectionToken<Plugin>);
  } catch (error) {
    const isInjection = error instanceof Error && INJECTION_ERROR.test(error.message);
    const code = isInjection ? 'SIPXREST_PLUGIN_INJECTION_FAILED' : 'SIPXREST_PLUGIN_CONSTRUCTOR_FAILED';
    throw failure(code, plugin, 'constructor', 'a plugin that can be built', error);
  }
}

/** Runs one step of a plugin's life. What it throws becomes a {@link PluginError}, and so does a step that does not end in time. */
export async function run(plugin: DiscoveredPlugin, step: Step, instance: Plugin, limitMs: number): Promise<void> {
  try {
    await within(limitMs, async () => instance[step]?.());
  } catch (error) {
    const code = STEP_CODES[step][error instanceof TimeoutError ? 'timedOut' : 'failed'];
    throw failure(code, plugin, step, `${step}() to succeed`, error);
  }
}

async function defaultExport(plugin: DiscoveredPlugin, limitMs: number): Promise<PluginClass> {
  let module: { default?: unknown };
  try {
    module = await within(limitMs, () => import(pathToFileURL(plugin.module).href));
  } catch (error) {
    throw failure(importCode(error), plugin, 'module', 'a module that can be imported', error);
  }
  const { default: found } = module;
  if (isClass(found)) return found;
  if (found === undefined)
    throw failure('SIPXREST_PLUGIN_NO_DEFAULT_EXPORT', plugin, 'default export', 'a class', found);
  throw failure(
    'SIPXREST_PLUGIN_NOT_A_CLASS',
    plugin,
    'default export',
    'a class',
    found === null ? null : typeof found,
  );
}

function importCode(error: unknown): PluginErrorCode {
  if (error instanceof TimeoutError) return 'SIPXREST_PLUGIN_IMPORT_TIMEOUT';
  return error instanceof SyntaxError ? 'SIPXREST_PLUGIN_SYNTAX_ERROR' : 'SIPXREST_PLUGIN_IMPORT_FAILED';
}

function isClass(value: unknown): value is PluginClass {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** A class in plain JavaScript says nothing about the types of its parameters: its only one is the SDK. */
function describeParameters(pluginClass: PluginClass): void {
  if (pluginClass.length <= 1 && !Reflect.hasMetadata(PARAMETER_TYPES, pluginClass))
    Reflect.defineMetadata(PARAMETER_TYPES, [Sdk], pluginClass);
  injectable()(pluginClass);
}

/** By the compiler's metadata, which decorated classes have. */
function takenBy(taker: Token, known = new Set<Token>()): Set<Token> {
  const types = (Reflect.getMetadata(PARAMETER_TYPES, taker) ?? []) as readonly unknown[];
  for (const type of types) {
    if (!isClass(type) || (type as Token) === Sdk || known.has(type)) continue;
    known.add(type);
    takenBy(type, known);
  }
  return known;
}

async function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(limitMs)), limitMs);
  });
  try {
    return await Promise.race([work(), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error that the SDK has thrown at the plugin says more than one made of it would. */
function failure(
  code: PluginErrorCode,
  { manifest, module }: DiscoveredPlugin,
  key: string,
  expected: string,
  found: unknown,
): PluginError {
  if (found instanceof PluginError) return found;
  const cause = found instanceof TimeoutError ? undefined : found;
  return new PluginError(code, { plugin: manifest.name, file: module, key, expected, found }, cause);
}
