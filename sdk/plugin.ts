import type { Context } from 'koa';

/**
 * What a plugin's module default-exports a class of. The container builds it by dependency injection: take {@link Sdk} in
 * the constructor, mount routes and SIP listeners there or in `start`.
 */
export interface Plugin {
  /** Called once, after every plugin was built and before the first request. A rejection leaves this plugin out. */
  start?(): void | Promise<void>;
  /** Called once when the container stops: end what the plugin began. */
  stop?(): void | Promise<void>;
  /**
   * On whose behalf a request is made: a user name or alias. Outside the cluster the authenticated user must be this user.
   * `undefined`: any authenticated user may make it.
   */
  agentOf?(context: Context): string | undefined;
}
