import type { z } from 'zod';
import { configurationError } from '../config/issues.js';

/**
 * Checks a plugin's own settings with the schema that the plugin gives.
 * @throws ConfigurationError with one line on the first bad value
 */
export function checkPluginSettings<S extends z.ZodType>(
  plugin: string,
  schema: S,
  settings: Readonly<Record<string, unknown>>,
): z.output<S> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  throw configurationError(parsed.error, {
    input: settings,
    prefix: ['plugins', plugin],
    sourceOf: () => 'configuration',
  });
}
