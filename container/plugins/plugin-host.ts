import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  Accounts,
  Drain,
  Duty,
  DutyHolder,
  InsideListener,
  Load,
  Log,
  Metrics,
  Plugin,
  RecordOwner,
  SharedRecords,
  Sip,
} from '../../sdk/index.js';
import { ConfigurationError, type Problem } from '../config/errors.js';
import { nearest } from '../config/nearest.js';
import { isPluginEnabled, pluginSettings, startRank, writtenPlugins } from '../config/plugins.js';
import type { Settings } from '../config/settings.js';
import type { ContainerLog } from '../log.js';
import { failedDependency, inStartOrder } from './dependencies.js';
import type { DiscoveredPlugin } from './discovered-plugin.js';
import { Discovery } from './discovery.js';
import type { Phase } from './lifecycle.js';
import { build, importClass, type ImportedPlugin, run } from './loader.js';
import { misspelt, notEnabled, notFound } from './missing-plugins.js';
import { installedPackageFile } from './package-file.js';
import { PluginError } from './plugin-error.js';
import { pluginOfStack } from './plugin-of-stack.js';
import { PluginSdk } from './plugin-sdk.js';
import type { ServedPlugin } from './served-plugin.js';
import { isBare, type ServiceTaker, Services } from './services.js';
import { shareModules } from './shared-modules.js';

/** The folder of the plugins that come with the container. */
export const BUILT_IN_PLUGINS = fileURLToPath(new URL('../../plugins', import.meta.url));

export interface PluginHostOptions {
  readonly settings: Settings;
  readonly accounts: Accounts;
  readonly load: Load;
  readonly log: ContainerLog;
  readonly metrics: Metrics;
  /** The SIP stack, as the plugin of that convergence name sees it. */
  readonly sipFor: (user: string, log: Log) => Sip & { close(): Promise<void> };
  readonly phase: () => Phase;
  readonly inside: () => InsideListener;
  /** The nodes of the service; undefined if the container is alone. */
  readonly nodes?: (() => readonly InsideListener[]) | undefined;
  /** Undefined if the container is alone. */
  readonly share?: ((owner: RecordOwner) => SharedRecords) | undefined;
  readonly duty?: ((name: string, holder: DutyHolder) => Duty) | undefined;
}

/** Whether a plugin runs, and why not. */
export interface PluginState {
  readonly name: string;
  readonly state: 'running' | 'leftOut';
  /** Of one that runs. */
  readonly uriPrefix?: string;
  /** Of one that was left out, in one line. */
  readonly problem?: string;
}

interface LoadedPlugin {
  readonly plugin: DiscoveredPlugin;
  readonly sdk: PluginSdk;
  readonly instance: Plugin;
}

/**
 * Finds, builds, starts and stops the plugins, each with an SDK of its own. One that fails is logged and left out, and so are those
 * that depend on it; the others go on.
 */
export class PluginHost {
  readonly #discovery: Discovery;
  readonly #services = new Services();
  /** In the order in which they start. */
  #order: readonly DiscoveredPlugin[] = [];
  /** Of each plugin in that order, without symbolic links, with its name. */
  readonly #folders = new Map<string, string>();
  readonly #built = new Map<DiscoveredPlugin, LoadedPlugin>();
  /** Those that take what nobody provides yet: a plugin before them may do so in its `start`. */
  readonly #waiting = new Map<DiscoveredPlugin, { readonly imported: ImportedPlugin; readonly sdk: PluginSdk }>();
  readonly #started: LoadedPlugin[] = [];
  /** The names of those that have not failed so far. */
  readonly #working = new Set<string>();
  readonly #failures: PluginError[] = [];
  /** What is wrong with the settings of plugins. */
  readonly #problems: Problem[] = [];

  constructor(private readonly options: PluginHostOptions) {
    this.#discovery = new Discovery((names) => isPluginEnabled(options.settings, names));
  }

  /** Why plugins were left out, in the order in which they failed. */
  get failures(): readonly PluginError[] {
    return this.#failures;
  }

  /** Those that run, as the listeners serve them. */
  get served(): readonly ServedPlugin[] {
    return this.#started.map(({ plugin, sdk, instance }) => ({
      manifest: plugin.manifest,
      routes: sdk.routes,
      instance,
      log: sdk.log,
      answerLimitMs: sdk.answerLimitMs,
    }));
  }

  /** The name of the plugin whose code is in a stack. */
  pluginOf(stack: string): string | undefined {
    return pluginOfStack(stack, this.#folders);
  }

  /** Those that run, in the order of their start, and then those that were left out. */
  get states(): readonly PluginState[] {
    return [
      ...this.#started.map(({ plugin: { manifest } }) => {
        const { name, uriPrefix } = manifest;
        return { name, state: 'running', uriPrefix } as const;
      }),
      ...this.#failures.map(({ plugin, message }) => ({ name: plugin, state: 'leftOut', problem: message }) as const),
    ];
  }

  /** Entries by `plugin.cache`. */
  get cacheSizes(): ReadonlyMap<string, number> {
    return new Map(
      this.#started.flatMap(({ plugin, sdk }) =>
        [...sdk.cacheSizes].map(([name, size]): [string, number] => [`${plugin.manifest.name}.${name}`, size]),
      ),
    );
  }

  /**
   * Checks the manifests, imports the modules and builds the classes.
   * @throws ConfigurationError with all settings that are not as their plugins want them
   */
  async load(): Promise<void> {
    shareModules();
    await this.#discover();
    for (const error of this.#discovery.errors) this.#leaveOut(error);
    const found = this.#discovery.plugins.toSorted((a, b) => startRank(a.manifest) - startRank(b.manifest));
    const { plugins, errors } = inStartOrder(found, {
      nameOf: (written) => this.#nameOf(written),
      hasFailed: (name) => this.#failureOf(name) !== undefined,
    });
    for (const error of errors) this.#leaveOut(error);
    this.#order = plugins;
    for (const { file, manifest } of plugins) this.#folders.set(realpathSync(dirname(file)), manifest.name);
    for (const plugin of plugins) await this.#attempt(plugin, () => this.#load(plugin));
    if (this.#problems.length > 0)
      for (const plugin of this.#waiting.keys()) await this.#attempt(plugin, () => this.#rehearse(plugin));
    this.#refuseProblems();
  }

  /**
   * Starts the plugins that were built, and sums up which were left out.
   * @throws PluginError of one that the configuration requires; ConfigurationError as `load`
   */
  async start(): Promise<void> {
    for (const plugin of this.#order) {
      if (this.#waiting.has(plugin)) await this.#attempt(plugin, () => this.#buildLate(plugin));
      const loaded = this.#built.get(plugin);
      if (loaded) await this.#attempt(plugin, () => this.#start(loaded));
    }
    this.#refuseProblems();
    if (this.#failures.length > 0)
      this.options.log.error('Plugins were left out', { plugins: this.#failures.map(({ summary }) => summary) });
    const [missing] = this.missing;
    if (missing) throw missing;
  }

  /** Why those were left out that the configuration requires. */
  get missing(): readonly PluginError[] {
    return this.options.settings.requiredPlugins
      .map((written) => [written, this.#nameOf(written)] as const)
      .filter(([, name]) => !this.#working.has(name))
      .map(([written, name]) => this.#failureOf(name) ?? notEnabled(written));
  }

  /** Settles when nothing is left in any plugin that may finish. */
  async drain(drain: Drain): Promise<void> {
    const drained = this.#started.map(async ({ instance }) => instance.drain?.(drain));
    for (const result of await Promise.allSettled(drained))
      if (result.status === 'rejected') this.#logFailure(result.reason);
  }

  /** Stops the plugins in the reverse order of their start, and closes what each has made through its SDK. */
  async stop(): Promise<void> {
    for (const plugin of this.#order.toReversed()) {
      const loaded = this.#built.get(plugin);
      if (!loaded) continue;
      if (this.#started.includes(loaded))
        await this.#run('stop', loaded).catch((error: unknown) => this.#logFailure(error));
      await this.#close(loaded.sdk);
    }
  }

  /** The plugins in the folders, then those that are named and installed as npm packages. */
  async #discover(): Promise<void> {
    const { settings } = this.options;
    const folders = [BUILT_IN_PLUGINS, ...settings.pluginDir];
    for (const folder of folders) await this.#discovery.scan(folder);
    const packageFolders = [...settings.packageFolders, BUILT_IN_PLUGINS];
    for (const { key, written, isLeftOut } of writtenPlugins(settings)) {
      if (this.#discovery.nameOf(written) !== undefined || this.#failureOf(written)) continue;
      const file = await installedPackageFile(written, packageFolders);
      const near = file === undefined ? nearest(written, this.#discovery.names) : undefined;
      if (near !== undefined) throw misspelt(settings.configFile, key, written, near);
      if (file !== undefined) await this.#discovery.add(file);
      else if (!isLeftOut) this.#leaveOut(notFound(key, written));
    }
  }

  /** Does one step with a plugin, which is left out where the step fails. */
  async #attempt(plugin: DiscoveredPlugin, step: () => Promise<void>): Promise<void> {
    const { name } = plugin.manifest;
    try {
      await step();
      this.#working.add(name);
    } catch (error) {
      this.#working.delete(name);
      if (error instanceof ConfigurationError) this.#problems.push(...error.problems);
      else if (error instanceof PluginError) this.#leaveOut(error);
      else throw error;
    }
  }

  async #load(plugin: DiscoveredPlugin): Promise<void> {
    this.#checkDependencies(plugin);
    const sdk = this.#sdkFor(plugin);
    await this.#guard(sdk, async () => {
      const imported = await importClass(plugin, this.options.settings.pluginTimeoutMs);
      const problem = this.#problemWith(plugin, imported);
      if (!problem) this.#build(plugin, imported, sdk);
      else this.#waiting.set(plugin, { imported, sdk });
    });
  }

  #build(plugin: DiscoveredPlugin, imported: ImportedPlugin, sdk: PluginSdk): void {
    const instance = build(plugin, imported, sdk, this.#services.of(this.#dependenciesOf(plugin)));
    this.#built.set(plugin, { plugin, sdk, instance });
  }

  async #buildLate(plugin: DiscoveredPlugin): Promise<void> {
    const waiting = this.#waiting.get(plugin);
    if (!waiting) return;
    const { imported, sdk } = waiting;
    await this.#guard(sdk, async () => {
      this.#checkDependencies(plugin);
      const problem = this.#problemWith(plugin, imported);
      if (problem) throw problem;
      this.#build(plugin, imported, sdk);
    });
  }

  /**
   * Where the start fails in any case: builds one that waits, with empty objects for what it takes, to hear what is wrong with its settings.
   * What else it throws may come of that.
   */
  async #rehearse(plugin: DiscoveredPlugin): Promise<void> {
    const waiting = this.#waiting.get(plugin);
    if (!waiting) return;
    const { imported, sdk } = waiting;
    const services = imported.tokens
      .filter(isBare)
      .map((token) => [token, Object.create(token.prototype as object) as object] as const);
    try {
      await this.#guard(sdk, async () => build(plugin, imported, sdk, services));
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
    }
  }

  #refuseProblems(): void {
    if (this.#problems.length > 0) throw new ConfigurationError(this.#problems);
  }

  #problemWith(plugin: DiscoveredPlugin, { tokens }: ImportedPlugin): PluginError | undefined {
    const { name } = plugin.manifest;
    const taker: ServiceTaker = { plugin: name, file: plugin.module, dependsOn: this.#dependenciesOf(plugin) };
    return tokens.map((token) => this.#services.problemWith(token, taker)).find((problem) => problem !== undefined);
  }

  #dependenciesOf({ manifest }: DiscoveredPlugin): readonly string[] {
    return manifest.dependsOn.map((written) => this.#nameOf(written));
  }

  async #start(loaded: LoadedPlugin): Promise<void> {
    const { plugin, sdk } = loaded;
    await this.#guard(sdk, async () => {
      this.#checkDependencies(plugin);
      await this.#run('start', loaded);
    });
    this.#started.push(loaded);
    const { name, uriPrefix } = plugin.manifest;
    this.options.log.info('Plugin loaded', { plugin: name, uriPrefix });
  }

  #checkDependencies(plugin: DiscoveredPlugin): void {
    for (const written of plugin.manifest.dependsOn) {
      const name = this.#nameOf(written);
      const failure = this.#working.has(name) ? undefined : this.#failureOf(name);
      if (failure) throw failedDependency(plugin, failure);
    }
  }

  #run(step: 'start' | 'stop', { plugin, instance }: LoadedPlugin): Promise<void> {
    return run(plugin, step, instance, this.options.settings.pluginTimeoutMs);
  }

  /** One that fails gets nothing more from its SDK. A bad value in the configuration stops the start, as any other. */
  async #guard<T>(sdk: PluginSdk, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.#close(sdk);
      throw sdk.settingsError ?? error;
    }
  }

  async #close(sdk: PluginSdk): Promise<void> {
    await sdk.close().catch((error: unknown) => this.#logFailure(error));
  }

  #sdkFor(plugin: DiscoveredPlugin): PluginSdk {
    const { settings, accounts, load, metrics, sipFor, phase, inside, nodes, share, duty } = this.options;
    const { manifest } = plugin;
    const own = pluginSettings(settings, manifest);
    const log = this.options.log.child({ plugin: manifest.name });
    return new PluginSdk({
      plugin,
      accounts,
      load,
      log,
      traceLog: log,
      metrics,
      sip: sipFor(manifest.sipConvergenceName, log),
      settings: own.settings || {},
      settingsKey: own.key,
      caFile: settings.tls.ca,
      dataDir: settings.dataDir,
      configFile: settings.configFile,
      requestTimeoutMs: settings.requestTimeoutMs,
      phase,
      inside,
      nodes,
      share,
      duty,
      provide: (token, value) => this.#services.add(token, value, { plugin: manifest.name, file: plugin.module }),
    });
  }

  #nameOf(written: string): string {
    return this.#discovery.nameOf(written) ?? written;
  }

  #failureOf(name: string): PluginError | undefined {
    return this.#failures.find(({ plugin }) => plugin === name);
  }

  #leaveOut(error: PluginError): void {
    this.#failures.push(error);
    this.#logFailure(error);
  }

  #logFailure(error: unknown): void {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    const fields = error instanceof PluginError ? { plugin: error.plugin, code: error.code } : {};
    this.options.log.error(message, { ...fields, ...(cause instanceof Error && { stack: cause.stack }) });
  }
}
