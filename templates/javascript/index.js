/** `GET /my-plugin/user1` greets user1 by the display name in the user directory. */
export default class MyPlugin {
  /** @param {import('sipxrest/sdk').Sdk} sdk */
  constructor(sdk) {
    sdk.routes.get('/:user', (ctx) => {
      const { displayName } = sdk.accounts.find(ctx.params.user) ?? ctx.throw(404, 'There is no such user');
      ctx.body = `Hello ${displayName}\n`;
    });
  }
}
