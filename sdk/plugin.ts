import type { Context } from 'koa';

/** How a container ends that was told to, while there is something that may still finish. */
export interface Drain {
  /** How long that may take, in seconds. */
  readonly seconds: number;
  /** Whether calls that are connected go on meanwhile; without it only what is being set up is finished. */
  readonly keepsCalls: boolean;
}

/** What a request is refused with. */
export interface RefusedRequest {
  /** HTTP status. */
  readonly status: number;
  /** May be shown to the client. */
  readonly text: string;
  /** What was thrown; undefined if only the status tells it. */
  readonly error: unknown;
}

/** The body of an error. */
export interface ErrorBody {
  readonly contentType: string;
  readonly content: string;
}

/**
 * What a plugin's module default-exports a class of. The container builds it by dependency injection: take {@link Sdk} in
 * the constructor, mount routes and SIP listeners there or in `start`.
 */
export interface Plugin {
  /**
   * Called once, after every plugin was built, those that this one depends on have started, and before the first request. A rejection
   * leaves this plugin out, and so does one that is still pending after the configuration's `pluginTimeoutMs`.
   */
  start?(): void | Promise<void>;
  /**
   * Called once, some time before `stop`, where the container was told to end: takes nothing new from now on (503 with `Retry-After`),
   * and settles when nothing is left that may finish. After `drain.seconds` the container stops whether it has settled or not.
   */
  drain?(drain: Drain): void | Promise<void>;
  /** Called once when the container stops, before those stop that this plugin depends on: end what it began, within `pluginTimeoutMs`. */
  stop?(): void | Promise<void>;
  /**
   * On whose behalf a request is made: a user name, an alias or an identity. Outside the cluster the authenticated user must be this
   * user, else the request is refused with 403; a name that nobody has is nobody's. `undefined`: any authenticated user may make it. An
   * error with a status (http-errors) is answered as if a handler had thrown it.
   *
   * It is asked before anything of the plugin runs, once for each of its routes that matches the request, with what that route's handler
   * will see: `context.params` decoded as for the handler, `context.path` and `context.querystring` as received, and the body in
   * `context.request.body`. Read parameters in the same way here and there: what is read in two ways can be written so that it means two
   * users. Inside the cluster it is not asked.
   */
  agentOf?(context: Context): string | undefined;

  /**
   * Writes the body of an error at a path of this plugin's, the container's own errors (a failed login, a body that is too long) among
   * them, and what the listener refuses at such a path. Without it, or where it gives undefined, errors are written in XML.
   */
  errorBody?(refused: RefusedRequest, context: Context): ErrorBody | undefined;
}
