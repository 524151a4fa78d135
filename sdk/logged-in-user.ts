import createError from 'http-errors';
import type { Context } from 'koa';
import type { Account, Accounts } from './accounts.js';

/** Says on the inside listener which user the redirect has let in. */
export const LOGGED_IN_USER_HEADER = 'x-sipxrest-user';

/**
 * The user on whose behalf a request came from outside: the account that logged in at this container, or the one that the redirect plugin
 * has let in and names. Undefined if the request is from inside, where nobody logs in. Inside, anybody can write the header: whoever does
 * gives up rights, and gains none.
 *
 * @throws HttpError 403 when the redirect names somebody whom this container does not know
 */
export function loggedInUser({ state, req }: Context, accounts: Accounts): Account | undefined {
  const user = state['user'] as Account | undefined;
  if (user) return user;
  const name = req.headers[LOGGED_IN_USER_HEADER];
  if (name === undefined) return undefined;
  const account = typeof name === 'string' ? accounts.find(name) : undefined;
  if (!account) throw createError(403, 'The user who logged in is not known here');
  return account;
}
