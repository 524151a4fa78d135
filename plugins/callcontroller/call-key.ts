import type { CallParties } from './http/call-request.js';

/** The key of a call. */
export function keyOf({ agent, calling, called }: CallParties): string {
  return `${agent} ${calling} ${called}`;
}

export function usersOf({ calling, called }: Pick<CallParties, 'calling' | 'called'>): string {
  return `${calling} ${called}`;
}

/** The two users of a key; undefined if the calling user is the agent. */
export function usersOfAgent(key: string): string | undefined {
  const users = key.slice(key.indexOf(' ') + 1);
  return key.startsWith(users.slice(0, users.indexOf(' ') + 1)) ? undefined : users;
}
