import type { Context } from 'koa';
import type { Plugin, Sdk } from 'sipxrest/sdk';

/** `GET /hello/user1` says hello to user1, by the name that the user directory has. */
export default class Hello implements Plugin {
  constructor(sdk: Sdk) {
    sdk.routes.get('/:user', (ctx) => {
      const { displayName } = sdk.accounts.find(ctx.params.user) ?? ctx.throw(404, 'There is no such user');
      ctx.body = `Hello ${displayName}\n`;
    });
  }

  /** Outside the cluster, users are let in to their own greeting only. */
  agentOf(context: Context): string | undefined {
    return context.params.user;
  }
}
