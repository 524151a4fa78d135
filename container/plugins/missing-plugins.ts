import { describe } from '../config/describe.js';
import { ConfigurationError } from '../config/errors.js';
import { sourceInFile } from '../config/files.js';
import { PluginError } from './plugin-error.js';

/** Nobody would miss a plugin that was to be loaded, or left out, before it is needed. */
export function misspelt(
  configFile: string | undefined,
  key: string,
  written: string,
  near: string,
): ConfigurationError {
  const isVariable = key.startsWith('SIPXREST_');
  const path = key === 'plugins' ? [key, written] : [key];
  return new ConfigurationError({
    key: isVariable ? 'plugins' : path.join('.'),
    source: isVariable ? key : sourceInFile(configFile, path),
    expected: `the name of a plugin, perhaps ${near}`,
    found: describe(written),
  });
}

export function notFound(key: string, written: string): PluginError {
  const problem = { plugin: written, file: 'configuration', key };
  const expected = 'the name of a plugin in a plugin folder, or of an installed npm package';
  return new PluginError('SIPXREST_PLUGIN_NOT_FOUND', { ...problem, expected, found: written });
}

/** Required and left out at once. */
export function notEnabled(written: string): PluginError {
  const problem = { plugin: written, file: 'configuration', key: 'requiredPlugins', found: written };
  return new PluginError('SIPXREST_PLUGIN_LEFT_OUT', { ...problem, expected: 'plugins that are loaded' });
}
