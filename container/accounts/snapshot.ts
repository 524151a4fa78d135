import type { Account } from '../../sdk/accounts.js';
import { escapedUser } from '../../sdk/address.js';
import { describe } from '../config/describe.js';
import { ConfigurationError, type Problem } from '../config/errors.js';
import { accountOf, secretsOf } from './users.js';
import type { Secrets, User } from './users.js';

/** Where a user directory belongs: its domain and the realm of its hashes. */
export interface Home {
  readonly realm: string;
  readonly domain: string;
}

/** One version of the user directory. */
export class Snapshot {
  // Names are case-sensitive; in identities the host is in lower case.
  private readonly byName = new Map<string, Account>();
  readonly #problems: Problem[] = [];
  #hasClearPins = false;

  /**
   * @param secrets where the secrets are kept; it outlives the snapshot, for the calls of accounts found earlier
   * @throws ConfigurationError when two users share a name
   */
  constructor(users: readonly User[], home: Home, secrets: WeakMap<Account, Secrets>, source: string) {
    for (const user of users) this.add(user, home, secrets, source);
    if (this.#problems.length > 0) throw new ConfigurationError(this.#problems);
  }

  get size(): number {
    return new Set(this.byName.values()).size;
  }

  /** Whether there is a PIN that is not just an MD5 hash. */
  get hasClearPins(): boolean {
    return this.#hasClearPins;
  }

  find(name: string): Account | undefined {
    return this.byName.get(keyOf(name));
  }

  search(text: string, limit: number): readonly Account[] {
    const wanted = text.trim().toLowerCase();
    const found = new Set<Account>();
    if (wanted === '') return [];
    for (const account of this.byName.values()) {
      if (found.size >= limit) break;
      if (isNamed(account, wanted)) found.add(account);
    }
    return [...found];
  }

  private add(user: User, home: Home, secrets: WeakMap<Account, Secrets>, source: string): void {
    const own = secretsOf(user, home.realm);
    const account = accountOf(user, own, home.domain);
    secrets.set(account, own);
    if (own.pin?.pin !== undefined) this.#hasClearPins = true;
    const short = [account.userName, ...account.aliases];
    const names = [...short.flatMap((name) => [name, `${name}@${home.domain}`]), account.identity];
    const taken = names.find((name) => this.isTaken(name, account));
    if (taken !== undefined) this.refuse(taken, account, source);
    else for (const name of names) this.byName.set(keyOf(name), account);
  }

  private isTaken(name: string, account: Account): boolean {
    return (this.byName.get(keyOf(name)) ?? account) !== account;
  }

  private refuse(name: string, account: Account, source: string): void {
    const other = this.byName.get(keyOf(name));
    this.#problems.push({
      key: 'users',
      source,
      expected: 'each userName, alias and identity to belong to one user',
      found: `${describe(name)} of ${describe(other?.userName)} and of ${describe(account.userName)}`,
    });
  }
}

function isNamed({ userName, displayName, aliases }: Account, wanted: string): boolean {
  return [userName, displayName, ...aliases].some((name) => {
    const lower = name.toLowerCase();
    return lower.startsWith(wanted) || lower.includes(` ${wanted}`);
  });
}

/** The same for all spellings of a name: the host in lower case, letters beyond ASCII escaped. */
function keyOf(text: string): string {
  const name = escapedUser(text);
  const host = name.indexOf('@') + 1;
  return host === 0 ? name : name.slice(0, host) + name.slice(host).toLowerCase();
}
