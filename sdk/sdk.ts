import type Router from '@koa/router';
import type { z } from 'zod';
import type { Accounts } from './accounts.js';
import type { Cache, CacheOptions } from './cache.js';
import type { Log } from './log.js';
import type { Sip } from './sip.js';

/**
 * All that the container offers to a plugin, and the token under which it is injected:
 *
 * ```ts
 * @injectable()
 * export default class Hello implements Plugin {
 *   constructor(sdk: Sdk) {
 *     sdk.routes.get('/:name', (ctx) => { ctx.body = `Hello ${ctx.params.name}`; });
 *   }
 * }
 * ```
 */
export abstract class Sdk {
  /** A router at the plugin's `uriPrefix`, behind the security that its manifest names. */
  abstract readonly routes: Router;
  abstract readonly sip: Sip;
  abstract readonly accounts: Accounts;
  abstract readonly log: Log;

  /** Makes a cache of this plugin's own. The name shows in the diagnostics and is unique within the plugin. */
  abstract cache<V>(name: string, options: CacheOptions<V>): Cache<V>;

  /**
   * The plugin's own settings (`plugins.<name>` of the configuration), checked against a zod schema.
   * @throws ConfigurationError naming the key, what was expected and what was found
   */
  abstract config<S extends z.ZodType>(schema: S): z.output<S>;
}
