import { z } from 'zod';

const settingsSchema = z.strictObject({ forgetAfterSeconds: z.int().positive().default(3600) });

/** `POST /visits/user1` counts a visit of user1, `GET /visits` shows the counts that have not expired. */
export default class Visits {
  /** @param {import('sipxrest/sdk').Sdk} sdk is injected because it is the only parameter */
  constructor(sdk) {
    const { forgetAfterSeconds } = sdk.config(settingsSchema);
    const visits = sdk.cache('visits', { ttlMs: forgetAfterSeconds * 1000 });

    sdk.routes.post('/:user', (ctx) => {
      const { userName } = sdk.accounts.find(ctx.params.user) ?? ctx.throw(404, 'There is no such user');
      const count = (visits.get(userName)?.count ?? 0) + 1;
      visits.set(userName, { userName, count });
      sdk.log.info('Visit', { userName, count });
      ctx.status = 204;
    });

    sdk.routes.get('/', (ctx) => {
      ctx.body = [...visits.values()];
    });
  }
}
