import type { RouterContext } from '@koa/router';
import type Router from '@koa/router';
import createError from 'http-errors';
import Koa, { type Context, type Middleware } from 'koa';
import type { Account, Accounts, Log, Plugin } from '../../sdk/index.js';
import type { Manifest } from '../plugins/manifest.js';
import type { Authenticator } from '../security/authenticator.js';
import { checkAgent } from '../security/authorisation.js';
import { MAX_BODY_BYTES, readBody } from './body.js';
import { methodNotAllowed } from './method-not-allowed.js';
import { wholeRequest } from './whole-request.js';
import { xmlErrors } from './xml-errors.js';

export interface PublicPlugin {
  readonly manifest: Manifest;
  readonly routes: Router;
  readonly instance: Plugin;
}

export interface PublicApplicationOptions {
  /** All that are loaded: those that are for the inside only are left out here. */
  readonly plugins: readonly PublicPlugin[];
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly accounts: Accounts;
  readonly log: Log;
}

/** What is known of a request once its user has logged in. */
interface Login {
  readonly plugin: PublicPlugin;
  readonly user: Account;
}

/**
 * The Koa application for clients outside: the plugins with `LOCAL-AND-REMOTE`, nothing else. A request goes through these steps:
 * its form, whose path it is, who sends it, the rest of it, on whose behalf, and only then to the plugin.
 */
export function publicApplication({ plugins, authenticator, accounts, log }: PublicApplicationOptions): Koa {
  const remote = plugins
    .filter(({ manifest }) => manifest.securityLevel === 'LOCAL-AND-REMOTE')
    .toSorted((one, other) => other.manifest.uriPrefix.length - one.manifest.uriPrefix.length);
  const logins = new WeakMap<Context, Login>();

  const app = new Koa();
  app.on('error', (error: Error) => log.error('HTTP response failed', { error: error.message }));
  app.use(xmlErrors(log));
  app.use(checkForm);
  app.use(async (ctx, next) => {
    const plugin = remote.find(({ routes }) => routes.match(ctx.path, ctx.method).path.length > 0);
    if (!plugin) throw createError(404, 'There is nothing at this path');
    const { remoteAuthenticationMethod: methods } = plugin.manifest;
    logins.set(ctx, { plugin, user: await authenticator.authenticate(loginRequest(ctx), methods) });
    await next();
  });
  app.use(wholeRequest);
  app.use(readBody());
  app.use(async (ctx, next) => {
    const { plugin, user } = loginOf(ctx);
    const { routes, instance } = plugin;
    checkAgent(ctx as RouterContext, user, { plugin: instance, routes, accounts });
    await next();
  });
  app.use(async (ctx, next) => {
    const { routes } = loginOf(ctx).plugin;
    await routes.routes()(ctx as RouterContext, async () => methodNotAllowed(routes)(ctx, next));
  });
  return app;

  function loginOf(ctx: Context): Login {
    const login = logins.get(ctx);
    if (!login) throw new Error('The request has passed by the login');
    return login;
  }
}

/**
 * One form of request target only, the path (RFC 9112 section 3.2.1), so that what is authenticated, authorised and served is one
 * text. And no body that is too long to be read: it would keep the connection busy after the refusal.
 */
const checkForm: Middleware = async (ctx, next) => {
  const { url = '', headers } = ctx.req;
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    ctx.set('Connection', 'close');
    throw createError(413, `The request body is longer than ${MAX_BODY_BYTES} bytes`);
  }
  if (!url.startsWith('/')) throw createError(400, 'The request target must be a path');
  await next();
  return undefined;
};

function loginRequest({ method, req }: Context) {
  return {
    method,
    target: req.url ?? '',
    authorization: req.headersDistinct['authorization'] ?? [],
    remoteAddress: req.socket.remoteAddress ?? '',
  };
}
