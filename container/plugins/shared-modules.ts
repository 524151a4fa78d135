import { register } from 'node:module';

let isRegistered = false;

/**
 * Makes every plugin share the container's SDK and tsyringe, wherever its folder lies and whether or not it has packages of its
 * own: injection works by identity, and a second copy of the `Sdk` class would be another token. Stacks name the lines of TypeScript
 * of a plugin that was compiled with source maps.
 */
export function shareModules(): void {
  if (isRegistered) return;
  isRegistered = true;
  process.setSourceMapsEnabled(true);
  const sdk = new URL('../../sdk/index.js', import.meta.url).href;
  register('./resolve-hook.js', import.meta.url, { data: { sdk, container: import.meta.url } });
}
