/** `GET /my-plugin/user1` says hello to user1, by the name that the user directory has. */
export default class MyPlugin {
  /** @param {import('sipxrest/sdk').Sdk} sdk */
  constructor(sdk) {
    sdk.routes.get('/:user', (ctx) => {
      const { displayName } = sdk.accounts.find(ctx.params.user) ?? ctx.throw(404, 'There is no such user');
      ctx.body = `Hello ${displayName}\n`;
    });
  }
}
