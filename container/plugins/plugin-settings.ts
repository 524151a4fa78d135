import type { z } from 'zod';
import { sourcesInFile } from '../config/files.js';
import { configurationError } from '../config/issues.js';

/**
 * Checks a plugin's own settings with the schema that the plugin gives.
 * @throws ConfigurationError with a line for each bad value
 */
export function checkPluginSettings<S extends z.ZodType>(
  plugin: string,
  schema: S,
  settings: Readonly<Record<string, unknown>>,
  configFile?: string,
): z.output<S> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const sourceOf = sourcesInFile(configFile);
  throw configurationError(parsed.error, {
    input: settings,
    prefix: ['plugins', plugin],
    sourceOf: (path) => sourceOf(['plugins', plugin, ...path]),
  });
}
