import type { Context } from 'koa';
import type { Plugin, Sdk } from 'sipxrest/sdk';

/** `GET /hello/user1` greets user1 by the display name in the user directory. */
export default class Hello implements Plugin {
  constructor(sdk: Sdk) {
    sdk.routes.get('/:user', (ctx) => {
      const { displayName } = sdk.accounts.find(ctx.params.user) ?? ctx.throw(404, 'There is no such user');
      ctx.body = `Hello ${displayName}\n`;
    });
  }

  /** Users outside the cluster get their own greeting only. */
  agentOf(context: Context): string | undefined {
    return context.params.user;
  }
}
