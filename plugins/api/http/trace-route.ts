import type { RouterContext } from '@koa/router';
import { injectable } from 'tsyringe';
import { CallControl, CallError, loggedInUser, Sdk } from '../../../sdk/index.js';
import { check, jsonBody } from './check.js';
import { traceSchema } from './schemas.js';

/** Turns the SIP trace of a user or a call on for a while. */
@injectable()
export class TraceRoute {
  constructor(
    private readonly sdk: Sdk,
    private readonly calls: CallControl,
  ) {
    sdk.routes.put('/trace', (ctx) => this.#trace(ctx));
  }

  async #trace(ctx: RouterContext): Promise<void> {
    if (loggedInUser(ctx, this.sdk.accounts))
      throw new CallError(403, 'inside-only', 'Only who administers the container may trace, on the inside listener');
    const { seconds, ...subject } = check(traceSchema, jsonBody(ctx), 'body');
    await this.calls.trace({ ...subject, seconds });
    ctx.body = { ...subject, until: new Date(Date.now() + seconds * 1_000).toISOString() };
  }
}
