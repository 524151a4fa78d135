import { createRequire } from 'node:module';

/** The version in the package's own package.json, which stands above `dist`. */
export function version(): string {
  const { version: text } = createRequire(import.meta.url)('../../package.json') as { version: string };
  return text;
}
