import type { z } from 'zod';
import { sourceInFile } from '../config/files.js';
import { configurationError } from '../config/issues.js';

/**
 * Checks a plugin's own settings with the schema that the plugin gives.
 * @throws ConfigurationError with one line on the first bad value
 */
export function checkPluginSettings<S extends z.ZodType>(
  plugin: string,
  schema: S,
  settings: Readonly<Record<string, unknown>>,
  configFile?: string,
): z.output<S> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  throw configurationError(parsed.error, {
    input: settings,
    prefix: ['plugins', plugin],
    sourceOf: (path) => sourceInFile(configFile, ['plugins', plugin, ...path]),
  });
}
