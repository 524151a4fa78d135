import type { Account } from '../../sdk/accounts.js';
import { escapedUser } from '../../sdk/address.js';
import type { Problem } from '../config/errors.js';
import { accountOf, type Secrets, secretsOf, type User } from './users.js';

/** The domain of a user directory, and the realm of its hashes. */
export interface Home {
  readonly realm: string;
  readonly domain: string;
}

/** A user as the directory keeps it. */
export interface Entry {
  readonly account: Account;
  readonly secrets: Secrets;
  /** Names to look it up by, as `nameKey` writes them. */
  readonly names: readonly string[];
  /** Text for searches: its names in lower case, each after a line break. */
  readonly text: string;
}

/** Answer of the reading thread: some users, or why the file cannot be used. */
export type Answer =
  { readonly entries: readonly Entry[]; readonly isLast: boolean } | { readonly problems: readonly Problem[] };

/** Users handled at a time, which takes a few milliseconds. */
const SLICE = 250;

export function* slicesOf(users: readonly User[], home: Home): Generator<readonly Entry[]> {
  for (let start = 0; start < users.length; start += SLICE)
    yield users.slice(start, start + SLICE).map((user) => entryOf(user, home));
}

/** The same for all spellings of a name: the host in lower case, letters beyond ASCII escaped. */
export function nameKey(text: string): string {
  const name = escapedUser(text);
  const host = name.indexOf('@') + 1;
  return host === 0 ? name : name.slice(0, host) + name.slice(host).toLowerCase();
}

function entryOf(user: User, home: Home): Entry {
  const secrets = secretsOf(user, home.realm);
  const account = accountOf(user, secrets, home.domain);
  const { userName, displayName, aliases, identity } = account;
  const own = [userName, ...aliases];
  const names = [...own, ...own.map((name) => `${name}@${home.domain}`), identity].map((name) => nameKey(name));
  const text = `\n${[userName, displayName, ...aliases].join('\n').toLowerCase()}`;
  return { account, secrets, names: [...new Set(names)], text };
}
