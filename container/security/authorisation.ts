import type { RouterContext } from '@koa/router';
import type Router from '@koa/router';
import createError from 'http-errors';
import { type Account, type Accounts, findAccount, type Plugin } from '../../sdk/index.js';

/**
 * Refuses a request that is made on behalf of somebody else than its authenticated user. Every handler of the plugin that will see
 * the request is asked for with the path parameters that it will see: two routes that match one path may name them differently.
 * @throws HttpError 403, or what the plugin's `agentOf` throws
 */
export function checkAgent(
  ctx: RouterContext,
  user: Account,
  { plugin, routes, accounts }: { readonly plugin: Plugin; readonly routes: Router; readonly accounts: Accounts },
): void {
  if (!plugin.agentOf) return;
  const before = ctx.params;
  try {
    for (const layer of routes.match(ctx.path, ctx.method).pathAndMethod) {
      ctx.params = layer.params(ctx.path, layer.captures(ctx.path), ctx.params);
      // Middleware that the plugin has mounted for all its routes has no parameters of its own.
      if (layer.methods.length === 0) continue;
      const agent = plugin.agentOf(ctx);
      if (agent !== undefined && findAccount(accounts, agent)?.userName !== user.userName)
        throw createError(403, `${user.userName} may not do this on behalf of others: log in as the agent`);
    }
  } finally {
    ctx.params = before;
  }
}
