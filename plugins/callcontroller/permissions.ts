import createError from 'http-errors';
import type { Accounts } from '../../sdk/index.js';
import type { CallRequest } from './http/call-request.js';
import type { Settings } from './settings.js';

/**
 * Checks a call that somebody outside places, who has logged in as its agent. A telephone that picks up by itself must be the agent's
 * own: somebody else's could be made to listen, or to call at its owner's expense.
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

function isAllowed(agentsMayCall: Settings['agentsMayCall'], agent: string, caller: string | undefined): boolean {
  if (typeof agentsMayCall === 'string') return agentsMayCall === 'any';
  const callers = Object.hasOwn(agentsMayCall, agent) ? agentsMayCall[agent] : [];
  return callers === 'any' || (caller !== undefined && (callers?.includes(caller) ?? false));
}
