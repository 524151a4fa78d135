import createError from 'http-errors';
import { type Accounts, findAccount } from '../../sdk/index.js';
import type { CallRequest } from './http/call-request.js';
import { unescaped } from './invite/refer-to.js';
import type { Settings } from './settings.js';

/**
 * Checks a call that somebody outside places, who has logged in as its agent. A telephone that picks up by itself must be the agent's
 * own: another could be used to eavesdrop, or to call at its owner's expense.
 * @throws HttpError 403
 */
export function checkPermission(
  { agentAccount, autoAnswer, calling }: CallRequest,
  accounts: Pick<Accounts, 'find'>,
  agentsMayCall: Settings['agentsMayCall'],
): void {
  const caller = accounts.find(calling)?.userName;
  const agent = agentAccount.userName;
  if (caller === agent) return;
  if (autoAnswer) throw createError(403, 'autoAnswer is for the telephone of the user who logged in');
  if (!isAllowed(agentsMayCall, agent, caller))
    throw createError(403, `${agent} may not place calls from the telephones of others`);
}

/** A user part that no dial plan takes for a number. */
const NAME = /^[A-Za-z_]/;

/**
 * Whether a telephone may have the other one call a SIP URI (REFER), at that one's expense: users of the directory and other names;
 * numbers of nobody only if `phonesMayReferTo` allows it.
 */
export function mayReferTo(
  uri: string,
  accounts: Pick<Accounts, 'find'>,
  phonesMayReferTo: Settings['phonesMayReferTo'],
): boolean {
  const [, user = '', host = ''] = /^sips?:([^@]*)@(\[[^\]]*\]|[^:;?]*)/i.exec(uri) ?? [];
  if (phonesMayReferTo === 'any') return true;
  const name = unescaped(user.split(/[;:]/, 1)[0] ?? '');
  return NAME.test(name) || findAccount(accounts, `${name}@${host.toLowerCase()}`) !== undefined;
}

function isAllowed(agentsMayCall: Settings['agentsMayCall'], agent: string, caller: string | undefined): boolean {
  if (typeof agentsMayCall === 'string') return agentsMayCall === 'any';
  const callers = Object.hasOwn(agentsMayCall, agent) ? agentsMayCall[agent] : [];
  return callers === 'any' || (caller !== undefined && (callers?.includes(caller) ?? false));
}
