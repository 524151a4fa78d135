import type { Account } from '../../sdk/accounts.js';
import { Shards } from './shards.js';
import type { Secrets } from './users.js';

/** The secrets of accounts, each kept as long as the account is in use. */
export class SecretKeeper {
  // A private field, so that no inspection of the object shows them.
  readonly #shards = new Shards(() => new WeakMap<Account, Secrets>());

  get(account: Account): Secrets | undefined {
    return this.#shards.of(account.userName).get(account);
  }

  set(account: Account, secrets: Secrets): void {
    this.#shards.of(account.userName).set(account, secrets);
  }
}
