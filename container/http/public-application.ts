import type { RequestListener } from 'node:http';
import type { RouterContext } from '@koa/router';
import createError from 'http-errors';
import type { Context, Middleware } from 'koa';
import type { Account, Accounts, Log } from '../../sdk/index.js';
import type { Authenticator } from '../security/authenticator.js';
import { checkAgent } from '../security/authorisation.js';
import type { ServedPlugin } from '../plugins/served-plugin.js';
import { application, pluginApplication } from './application.js';
import { readBody } from './body.js';
import { dispatch } from './dispatch.js';
import { refuseLongBody, wholeRequest } from './whole-request.js';

export interface PublicApplicationOptions {
  /** All that are loaded: those that are for the inside only are left out here. */
  readonly plugins: readonly ServedPlugin[];
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly accounts: Accounts;
  /** Comes first, to count the request. */
  readonly count: Middleware;
  readonly log: Log;
}

/**
 * Serves clients outside: the plugins with `LOCAL-AND-REMOTE`, nothing else. The steps of a request: find the plugin, check the form of
 * the target, authenticate the user, read the body, authorise the agent, and only then the plugin.
 */
export function publicApplication(options: PublicApplicationOptions): RequestListener {
  return dispatch(
    remote(options.plugins).map((plugin) => ({
      uriPrefix: plugin.manifest.uriPrefix,
      handler: pluginApplication(plugin, guards(plugin, options)).callback(),
    })),
    application([options.count, refuseLongBody, checkForm], options.log).callback(),
  );
}

/** The plugins that clients outside may reach. */
export function remote(plugins: readonly ServedPlugin[]): readonly ServedPlugin[] {
  return plugins.filter(({ manifest }) => manifest.securityLevel === 'LOCAL-AND-REMOTE');
}

function guards(plugin: ServedPlugin, { authenticator, accounts, count }: PublicApplicationOptions): Middleware[] {
  const { routes, instance, manifest } = plugin;
  return [
    count,
    refuseLongBody,
    checkForm,
    async (ctx, next) => {
      if (routes.match(ctx.path, ctx.method).path.length === 0) throw createError(404, 'There is nothing at this path');
      ctx.state['user'] = await authenticator.authenticate(loginRequest(ctx), manifest.remoteAuthenticationMethod);
      await next();
    },
    wholeRequest,
    readBody(),
    async (ctx, next) => {
      const user = ctx.state['user'] as Account | undefined;
      if (!user) throw new Error('The request has passed by the login');
      checkAgent(ctx as RouterContext, user, { plugin: instance, routes, accounts });
      await next();
    },
  ];
}

/**
 * One form of request target only, the path (RFC 9112 section 3.2.1), so that what is authenticated, authorised and served is one
 * text.
 */
const checkForm: Middleware = async ({ req }, next) => {
  if (!req.url?.startsWith('/')) throw createError(400, 'The request target must be a path');
  await next();
};

function loginRequest({ method, req }: Context) {
  return {
    method,
    target: req.url ?? '',
    authorization: req.headersDistinct['authorization'] ?? [],
    remoteAddress: req.socket.remoteAddress ?? '',
  };
}
