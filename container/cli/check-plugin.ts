import { loadSettings } from '../config/load.js';
import { settingsShape } from '../config/settings.js';
import { createLog } from '../log.js';
import { type CheckSettings, checkPlugin as check } from '../plugins/check-plugin.js';
import { PluginError, PluginErrors } from '../plugins/plugin-error.js';
import { messageOf } from '../message-of.js';
import { exitSoon } from './exit.js';
import { syntaxErrorAt } from './syntax-error.js';

/** Code outside the plugin. */
const FOREIGN = [new URL('../', import.meta.url).href, '/node_modules/tsyringe/', '(node:', ' node:'];

/**
 * Checks the plugin in a folder without starting it, and says what is wrong with it on standard error: each fault of its manifest in a
 * line, and what its code throws with the stack.
 * @param options `config`: a configuration with the settings of the plugin, if it needs any
 * @returns the exit code: 0 when the container would start it
 */
export async function checkPlugin(
  options: { readonly config?: string | undefined },
  [folder = '']: readonly string[],
): Promise<number> {
  const log = createLog('warn');
  try {
    const { plugin, unknown, missing } = await check(folder, settingsOf(options.config), log);
    const { manifest, file, module } = plugin;
    say(`ok ${file}`);
    say(`ok ${module}`);
    say(`ok plugin ${manifest.name} at ${manifest.uriPrefix}, ${manifest.securityLevel}`);
    for (const name of unknown) say(`-- depends on plugin ${name}: looked for on the start`);
    for (const name of missing) say(`-- takes ${name}, which is provided on the start: not built here`);
    return 0;
  } catch (error) {
    for (const line of linesOf(error)) process.stderr.write(`${line}\n`);
    return 1;
  } finally {
    exitSoon(log);
  }
}

function linesOf(error: unknown): string[] {
  if (error instanceof PluginErrors) return error.errors.map(({ message }) => message);
  if (!(error instanceof PluginError)) return [messageOf(error)];
  const { cause, code, file, message } = error;
  const place = code === 'SIPXREST_PLUGIN_SYNTAX_ERROR' ? syntaxErrorAt(file) : stackOf(cause);
  return place === undefined ? [message] : [message, place];
}

/** What of a stack is the plugin's own: up to the first line of the container, or of what it builds the plugin with. */
function stackOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const lines = (cause.stack ?? '').split('\n');
  const end = lines.findIndex((line) => /^ {4}at /.test(line) && FOREIGN.some((text) => line.includes(text)));
  return lines.slice(0, end === -1 ? undefined : end).join('\n');
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
