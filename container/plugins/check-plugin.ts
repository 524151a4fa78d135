import { dirname, join, resolve } from 'node:path';
import type { Log } from '../../sdk/index.js';
import { withDefaults } from '../config/limits.js';
import { pluginSettings } from '../config/plugins.js';
import type { Settings } from '../config/settings.js';
import type { DiscoveredPlugin } from './discovered-plugin.js';
import { Discovery } from './discovery.js';
import { idleLoad } from '../load.js';
import { build, importClass } from './loader.js';
import { MetricsRegistry } from '../metrics/registry.js';
import { BUILT_IN_PLUGINS } from './plugin-host.js';
import { PluginSdk } from './plugin-sdk.js';
import { isBare } from './services.js';
import { shareModules } from './shared-modules.js';
import { silentSip, standIn } from './stand-ins.js';

export type CheckSettings = Pick<Settings, 'plugins' | 'pluginTimeoutMs' | 'requestTimeoutMs'>;

/**
 * Does with a plugin what the container does with it before its `start()`, in the same order: checks its manifest, also against
 * the plugins that come with the container, imports its module and builds its class. Nothing listens.
 *
 * @param folder the one with the plugin's package.json
 * @returns the plugin; whether those are there that it depends on is known on the start only
 * @throws PluginError on what is wrong first; ConfigurationError when the plugin cannot use its settings
 */
export async function checkPlugin(folder: string, settings: CheckSettings, log: Log): Promise<DiscoveredPlugin> {
  shareModules();
  const plugin = await discovered(resolve(folder));
  const own = pluginSettings(settings, plugin.manifest);
  const sdk = new PluginSdk({
    plugin,
    accounts: { find: () => undefined, search: () => [] },
    load: idleLoad(withDefaults({})),
    log,
    traceLog: { isTraced: false, trace: () => undefined },
    metrics: new MetricsRegistry(log),
    sip: silentSip(),
    settings: own.settings || {},
    settingsKey: own.key,
    requestTimeoutMs: settings.requestTimeoutMs,
    phase: () => 'loading',
    inside: () => ({ url: 'http://127.0.0.1' }),
    provide: () => undefined,
  });
  try {
    const found = await importClass(plugin, settings.pluginTimeoutMs);
    build(
      plugin,
      found,
      sdk,
      found.tokens.filter(isBare).map((token) => [token, standIn()]),
    );
  } catch (error) {
    throw sdk.settingsError ?? error;
  } finally {
    await sdk.close();
  }
  return plugin;
}

async function discovered(folder: string): Promise<DiscoveredPlugin> {
  const file = join(folder, 'package.json');
  const discovery = new Discovery(() => true);
  if (dirname(folder) !== BUILT_IN_PLUGINS) await discovery.scan(BUILT_IN_PLUGINS);
  await discovery.add(file);
  const plugin = discovery.plugins.find((found) => found.file === file);
  if (!plugin) throw discovery.errors.at(-1) ?? new Error(`${file} was not looked at`);
  return plugin;
}
