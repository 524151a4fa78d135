import type { IncomingMessage } from 'node:http';
import createError, { type HttpError } from 'http-errors';
import type { Middleware } from 'koa';
import type { Log } from '../../sdk/index.js';
import type { ServedPlugin } from '../plugins/served-plugin.js';
import { application, describeErrors } from './application.js';
import { dispatch } from './dispatch.js';
import { methodNotAllowed } from './method-not-allowed.js';
import type { Refuse } from './refusals.js';

/**
 * Answers requests that the listener itself refuses, for example those that the rules for browsers or Node's parser turn away. The error has
 * the body that the plugin under whose prefix the path lies gives to its errors; nothing else of the plugin runs.
 */
export function refuseLikePlugins(plugins: readonly ServedPlugin[], log: Log): Refuse {
  const refusals = new WeakMap<IncomingMessage, HttpError>();
  const fail: Middleware = ({ req }) => {
    throw refusals.get(req) ?? createError(400);
  };
  const answer = dispatch(
    plugins.map((plugin) => {
      const tellMethods = methodNotAllowed(plugin.routes);
      const tellAllowed: Middleware = (ctx, next) =>
        refusals.get(ctx.req)?.status === 405 ? tellMethods(ctx, next) : next();
      return {
        uriPrefix: plugin.manifest.uriPrefix,
        handler: application([tellAllowed, fail], plugin.log, describeErrors(plugin)).callback(),
      };
    }),
    application([fail], log).callback(),
  );
  return (request, response, { status, text, fields }) => {
    refusals.set(request, createError(status, text, { headers: fields }));
    answer(request, response);
  };
}
