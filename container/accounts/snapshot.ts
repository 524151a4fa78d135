import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Account } from '../../sdk/accounts.js';
import { describe } from '../config/describe.js';
import { ConfigurationError, type Problem } from '../config/errors.js';
import { type Entry, nameKey } from './entries.js';
import type { SecretKeeper } from './secret-keeper.js';
import { Shards } from './shards.js';

/** One version of the user directory. */
export class Snapshot {
  // Names are case-sensitive; in identities the host is in lower case.
  readonly #byName = new Shards(() => new Map<string, Account>());
  readonly #searched: { readonly account: Account; readonly text: string }[] = [];
  readonly #problems: Problem[] = [];
  #hasClearPins = false;

  private constructor() {}

  /**
   * Takes the users in slices, and yields to the event loop after each.
   * @param secrets where the secrets are kept; it outlives the snapshot, for the calls of accounts found earlier
   * @throws ConfigurationError when two users share a name
   */
  static async of(
    slices: AsyncIterable<readonly Entry[]> | Iterable<readonly Entry[]>,
    secrets: SecretKeeper,
    source: string,
  ): Promise<Snapshot> {
    const snapshot = new Snapshot();
    for await (const entries of slices) {
      for (const entry of entries) snapshot.#add(entry, secrets, source);
      await nextTurn();
    }
    if (snapshot.#problems.length > 0) throw new ConfigurationError(snapshot.#problems);
    return snapshot;
  }

  get size(): number {
    return this.#searched.length;
  }

  /** Whether there is a PIN that is not just an MD5 hash. */
  get hasClearPins(): boolean {
    return this.#hasClearPins;
  }

  find(name: string): Account | undefined {
    return this.#ownerOf(nameKey(name));
  }

  search(text: string, limit: number): readonly Account[] {
    const wanted = text.trim().toLowerCase();
    const found: Account[] = [];
    if (wanted === '') return found;
    for (const { account, text: names } of this.#searched) {
      if (found.length >= limit) break;
      if (names.includes(`\n${wanted}`) || names.includes(` ${wanted}`)) found.push(account);
    }
    return found;
  }

  #add({ account, secrets: own, names, text }: Entry, secrets: SecretKeeper, source: string): void {
    Object.freeze(account.aliases);
    if (account.callerIds) Object.freeze(account.callerIds);
    Object.freeze(account);
    secrets.set(account, own);
    if (own.pin?.pin !== undefined) this.#hasClearPins = true;
    const taken = names.find((name) => (this.#ownerOf(name) ?? account) !== account);
    if (taken === undefined) {
      for (const name of names) this.#byName.of(name).set(name, account);
      this.#searched.push({ account, text });
    } else {
      this.#refuse(taken, account, source);
    }
  }

  #ownerOf(key: string): Account | undefined {
    return this.#byName.of(key).get(key);
  }

  #refuse(name: string, account: Account, source: string): void {
    this.#problems.push({
      key: 'users',
      source,
      expected: 'each userName, alias and identity to belong to one user',
      found: `${describe(name)} of ${describe(this.#ownerOf(name)?.userName)} and of ${describe(account.userName)}`,
    });
  }
}
