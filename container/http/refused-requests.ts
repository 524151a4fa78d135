import type { Context } from 'koa';
import { type Account, type Log, requestId } from '../../sdk/index.js';
import { LineBudget } from '../log/line-budget.js';

/** Refusals of one client with one status that have a line in 10 seconds; further ones are counted. */
const MAX_LINES = 100;

/**
 * Logs which requests were refused, whose they were, and why. Two kinds have no line: a request for a missing resource, and one without
 * credentials, which is how every digest login begins. A wrong PIN is logged by the login itself.
 */
export class RefusedRequests {
  readonly #budget = new LineBudget(undefined, MAX_LINES);

  constructor(private readonly log: Log) {}

  /** @param reason as in the answer to the client */
  tell(ctx: Context, status: number, reason: string): void {
    const { method, path, ip: client, headers } = ctx;
    if (status === 404 || (status === 401 && headers.authorization === undefined)) return;
    const user = (ctx.state['user'] as Account | undefined)?.userName;
    const leftOut = this.#budget.take(`${status} ${user ?? client}`);
    if (leftOut === undefined) return;
    const more = leftOut > 0 ? { leftOut } : {};
    // The path is told without the query, which may have a PIN.
    this.log.info('Request refused', {
      requestId: requestId(ctx),
      client,
      user,
      method,
      path,
      status,
      reason,
      ...more,
    });
  }
}
