import { ConfigurationError, type Problem } from '../config/errors.js';
import type { Reading } from '../config/load.js';
import { idleLoad } from '../load.js';
import { createLog } from '../log.js';
import { MetricsRegistry } from '../metrics/registry.js';
import type { PluginError } from '../plugins/plugin-error.js';
import { PluginHost } from '../plugins/plugin-host.js';
import { SilentSip } from '../plugins/silent-sip.js';
import type { Verdict } from './verdict.js';

/** Does with the plugins what the container does before it starts them; the network is replaced by a stand-in. */
export async function checkPlugins({ settings }: Reading): Promise<Partial<Verdict>> {
  const log = createLog('silent');
  const host = new PluginHost({
    settings,
    accounts: { find: () => undefined, search: () => [] },
    load: idleLoad(settings.limits),
    log,
    metrics: new MetricsRegistry(log),
    sipFor: () => new SilentSip(),
    phase: () => 'loading',
    inside: () => ({ url: 'http://127.0.0.1' }),
  });
  try {
    await host.load();
    return verdictOn(host, []);
  } catch (error) {
    if (error instanceof ConfigurationError) return verdictOn(host, error.problems);
    throw error;
  } finally {
    await host.stop();
  }
}

/** A plugin that is left out is missed by nobody but its users, unless it is required. */
function verdictOn({ failures, missing }: PluginHost, problems: readonly Problem[]): Partial<Verdict> {
  const others = failures.filter((failure) => !missing.includes(failure));
  return {
    problems: [...problems, ...(problems.length > 0 ? [] : missing.map(problemOf))],
    warnings: others.map(problemOf),
  };
}

function problemOf({ plugin, key, place, expected, found }: PluginError): Problem {
  return { key: `plugin ${plugin}, ${key}`, source: place, expected, found };
}
