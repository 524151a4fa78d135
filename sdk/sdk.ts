import type Router from '@koa/router';
import type { z } from 'zod';
import type { Accounts } from './accounts.js';
import type { Cache, CacheOptions } from './cache.js';
import type { Load } from './load.js';
import type { Log, TraceLog } from './log.js';
import type { Metrics } from './metrics.js';
import type { Duty, DutyHolder } from './shared-duty.js';
import type { RecordOwner, SharedRecords } from './shared-records.js';
import type { Sip } from './sip.js';

/** A service's token: a class, abstract as a rule, that who provides it and who takes it import from the same module. */
export type ServiceToken<T> = abstract new (...parameters: never[]) => T;

/** Where the plugins of a container are served inside the cluster, without authentication. */
export interface InsideListener {
  /** For example `http://127.0.0.1:6667`, without a slash at the end. */
  readonly url: string;
  /** The certificate that it shows at present, in PEM, where it speaks HTTPS. It is read anew when its file changes. */
  readonly certificate?: string | undefined;
}

/**
 * All that the container offers to a plugin, and the token under which it is injected. A constructor that takes more than this needs
 * `@injectable()`. docs/errors.md says what can be called in which phase.
 *
 * ```ts
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
  abstract readonly load: Load;
  abstract readonly log: Log;
  /** As `log`, for whole messages. */
  abstract readonly traceLog: TraceLog;
  /** What the plugin adds to `/metrics`. */
  abstract readonly metrics: Metrics;
  /** PEM file with the certificate authorities that other servers are checked against (`tls.ca`); without it, those of Node. */
  abstract readonly caFile: string | undefined;
  /**
   * Absolute path of a folder of this plugin's own, for what it keeps beyond a restart: it lies in `dataDir` of the configuration and is
   * made, with the mode 0700, when it is asked for the first time. The container never looks into it.
   * @throws Error with the code SIPXREST_PLUGIN_NO_DATA_FOLDER where it cannot be made
   */
  abstract readonly dataDir: string;

  /**
   * This container's own listener inside the cluster. Its port is known once the container listens, after every plugin's start.
   * @throws Error with the code SIPXREST_PLUGIN_WRONG_PHASE before that
   */
  abstract inside(): InsideListener;

  /**
   * The listeners inside the cluster of all nodes that run the call controller, as far as they are known; undefined if this container is
   * alone, since no `redis` is configured.
   */
  abstract nodes(): readonly InsideListener[] | undefined;

  /**
   * Gives this plugin's handlers another limit than the configuration's `requestTimeoutMs`: where an answer has not begun after so
   * many milliseconds, its client gets 503. For a plugin that waits for others, longer than most. `Infinity`: no limit.
   * Called in the constructor or in `start`.
   * @throws RangeError when it is not above 0; Error with the code SIPXREST_PLUGIN_WRONG_PHASE after the start
   */
  abstract answerWithin(limitMs: number): void;

  /**
   * Makes a cache of this plugin's own. The name shows in the diagnostics and is unique within the plugin.
   * @throws Error with the code SIPXREST_PLUGIN_DUPLICATE_CACHE when the plugin has one of that name
   */
  abstract cache<V>(name: string, options: CacheOptions<V>): Cache<V>;

  /**
   * Offers a service to the plugins whose `dependsOn` names this one: they take it in their constructors by its token. Called in the
   * constructor or in `start`; those that take what comes in `start` are built after that.
   * @throws Error with the code SIPXREST_PLUGIN_DUPLICATE_SERVICE when somebody provides it already, SIPXREST_PLUGIN_WRONG_PHASE after
   *   the start
   */
  abstract provide<T extends object>(token: ServiceToken<T>, value: T): void;

  /**
   * Shares this plugin's records with the other nodes of the service; undefined if this container is alone, since no `redis` is
   * configured. Called once, in the constructor or in `start`.
   * @throws Error with the code SIPXREST_PLUGIN_WRONG_PHASE after the start; Error where another plugin shares its records
   */
  abstract share(owner: RecordOwner): SharedRecords | undefined;

  /**
   * Takes part in a duty that one node at a time has, under a name that is unique in the service; undefined if this container is alone,
   * since no `redis` is configured. Called in the constructor or in `start`; the node takes the duty after that, where no other node has
   * it.
   * @throws Error with the code SIPXREST_PLUGIN_WRONG_PHASE after the start
   */
  abstract duty(name: string, holder: DutyHolder): Duty | undefined;

  /**
   * The plugin's own settings (`plugins.<name>` of the configuration), checked against a zod schema.
   * @throws ConfigurationError naming the key, what was expected and what was found
   */
  abstract config<S extends z.ZodType>(schema: S): z.output<S>;
}
