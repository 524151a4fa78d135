import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Log, ServiceToken } from '../../sdk/index.js';
import { withDefaults } from '../config/limits.js';
import { pluginSettings } from '../config/plugins.js';
import type { Settings } from '../config/settings.js';
import { idleLoad } from '../load.js';
import { MetricsRegistry } from '../metrics/registry.js';
import type { DiscoveredPlugin } from './discovered-plugin.js';
import { Discovery } from './discovery.js';
import { build, importClass } from './loader.js';
import { installedPackageFile } from './package-file.js';
import { PluginErrors } from './plugin-error.js';
import { BUILT_IN_PLUGINS } from './plugin-host.js';
import { PluginSdk } from './plugin-sdk.js';
import { isBare, Services } from './services.js';
import { shareModules } from './shared-modules.js';
import { SilentSip } from './silent-sip.js';

export type CheckSettings = Pick<Settings, 'plugins' | 'pluginTimeoutMs' | 'requestTimeoutMs'> & {
  /** The file that they were read from, if they were. */
  readonly configFile?: string | undefined;
};

export interface CheckedPlugin {
  readonly plugin: DiscoveredPlugin;
  /** Plugins on which it depends and that are not at hand: whether they are there is known on the start. */
  readonly unknown: readonly string[];
  /** Services that its constructor takes and that are provided on the start: without them it could not be built here. */
  readonly missing: readonly string[];
}

/**
 * Does with a plugin what the container does with it before its `start()`, in the same order: checks its manifest, also against
 * the plugins that come with the container, imports its module and builds its class, with what the plugins provide on which it
 * depends, where they can be found. Nothing listens, and nothing is kept.
 *
 * @param folder the one with the plugin's package.json
 * @throws PluginErrors on a manifest with faults; PluginError when the plugin cannot be built; ConfigurationError when it cannot use
 *   its settings
 */
export async function checkPlugin(folder: string, settings: CheckSettings, log: Log): Promise<CheckedPlugin> {
  shareModules();
  const dataDir = await mkdtemp(join(tmpdir(), 'sipxrest-check-'));
  try {
    return await new Check(settings, log, dataDir).run(resolve(folder));
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

class Check {
  readonly #discovery = new Discovery(() => true);
  readonly #services = new Services();
  /** By name; a plugin that is being built is there already. */
  readonly #built = new Set<string>();

  constructor(
    private readonly settings: CheckSettings,
    private readonly log: Log,
    private readonly dataDir: string,
  ) {}

  async run(folder: string): Promise<CheckedPlugin> {
    const plugin = await this.#discover(folder);
    const missing = await this.#build(plugin, folder);
    const unknown = plugin.manifest.dependsOn.filter((written) => !this.#named(written));
    return { plugin, unknown, missing };
  }

  async #discover(folder: string): Promise<DiscoveredPlugin> {
    const file = join(folder, 'package.json');
    if (dirname(folder) !== BUILT_IN_PLUGINS) await this.#discovery.scan(BUILT_IN_PLUGINS);
    const before = this.#discovery.errors.length;
    await this.#discovery.add(file);
    const plugin = this.#discovery.plugins.find((found) => found.file === file);
    if (!plugin) throw new PluginErrors(this.#discovery.errors.slice(before));
    return plugin;
  }

  /** One that comes with the container, is installed as a package, or lies beside the plugin. */
  async #find(written: string, folder: string): Promise<DiscoveredPlugin | undefined> {
    if (this.#discovery.nameOf(written) === undefined) {
      const file = await installedPackageFile(written, [folder]);
      if (file === undefined) await this.#discovery.scan(dirname(folder));
      else await this.#discovery.add(file);
    }
    return this.#named(written);
  }

  #named(written: string): DiscoveredPlugin | undefined {
    const name = this.#discovery.nameOf(written);
    return this.#discovery.plugins.find(({ manifest }) => manifest.name === name);
  }

  /** @returns the services that are not there yet, for want of which it was not built */
  async #build(plugin: DiscoveredPlugin, folder: string): Promise<readonly string[]> {
    const { name, dependsOn } = plugin.manifest;
    if (this.#built.has(name)) return [];
    this.#built.add(name);
    const names: string[] = [];
    for (const written of dependsOn) {
      const dependency = await this.#find(written, folder);
      names.push(dependency?.manifest.name ?? written);
      if (dependency) await this.#build(dependency, folder);
    }
    const sdk = this.#sdkFor(plugin);
    try {
      const found = await importClass(plugin, this.settings.pluginTimeoutMs);
      const taker = { plugin: name, file: plugin.module, dependsOn: names };
      const missing = found.tokens.filter((token) => this.#isMissing(token, names));
      if (missing.length > 0) return missing.map((token) => token.name);
      for (const token of found.tokens) {
        const problem = this.#services.problemWith(token, taker);
        if (problem) throw problem;
      }
      build(plugin, found, sdk, this.#services.of(names));
      return [];
    } catch (error) {
      throw sdk.settingsError ?? error;
    } finally {
      await sdk.close();
    }
  }

  /** A plugin that is not at hand may provide it, or one in its `start`. */
  #isMissing(token: ServiceToken<object>, dependsOn: readonly string[]): boolean {
    return dependsOn.length > 0 && isBare(token) && !this.#services.has(token);
  }

  #sdkFor(plugin: DiscoveredPlugin): PluginSdk {
    const { settings, log, dataDir } = this;
    const { manifest, module } = plugin;
    const own = pluginSettings(settings, manifest);
    return new PluginSdk({
      plugin,
      accounts: { find: () => undefined, search: () => [] },
      load: idleLoad(withDefaults({})),
      log,
      traceLog: { isTraced: false, trace: () => undefined },
      metrics: new MetricsRegistry(log),
      sip: new SilentSip(),
      settings: own.settings || {},
      settingsKey: own.key,
      configFile: settings.configFile,
      dataDir,
      requestTimeoutMs: settings.requestTimeoutMs,
      phase: () => 'loading',
      inside: () => ({ url: 'http://127.0.0.1' }),
      provide: (token, value) => this.#services.add(token, value, { plugin: manifest.name, file: module }),
    });
  }
}
