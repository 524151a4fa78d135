import { loadSettings } from '../config/load.js';
import { settingsShape } from '../config/settings.js';
import { createLog } from '../log.js';
import { type CheckSettings, checkPlugin as check } from '../plugins/check-plugin.js';
import { exitSoon } from './exit.js';

/**
 * Checks the plugin in a folder without starting it, and says what is wrong with it, in one line on standard error.
 * @param options `config`: a configuration with the settings of the plugin, where it cannot do without
 * @returns the exit code: 0 when the container would start it
 */
export async function checkPlugin(
  options: { readonly config?: string | undefined },
  [folder = '']: readonly string[],
): Promise<number> {
  const log = createLog('warn');
  try {
    const { manifest, file, module } = await check(folder, settingsOf(options.config), log);
    say(`ok ${file}`);
    say(`ok ${module}`);
    say(`ok plugin ${manifest.name} at ${manifest.uriPrefix}, ${manifest.securityLevel}`);
    for (const name of manifest.dependsOn) say(`-- depends on plugin ${name}: looked for on the start`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    exitSoon(log);
  }
}

function settingsOf(configFile: string | undefined): CheckSettings {
  if (configFile !== undefined) return loadSettings({ configFile, env: process.env });
  const { plugins, pluginTimeoutMs, requestTimeoutMs } = settingsShape;
  return {
    plugins: plugins.parse(undefined),
    pluginTimeoutMs: pluginTimeoutMs.parse(undefined),
    requestTimeoutMs: requestTimeoutMs.parse(undefined),
  };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
