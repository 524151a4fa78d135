import { createHmac, randomBytes } from 'node:crypto';
import type { Log } from '../../sdk/log.js';
import { Guesses } from './guesses.js';
import type { SharedLogins } from './shared-logins.js';
import { clientKey } from '../sip/transport/client-key.js';

/** Wrong PINs for a user, or from an address, that may come within five minutes; then all have to wait for five minutes. */
const MAX_WRONG_PER_USER = 10;
const MAX_WRONG_PER_ADDRESS = 50;

/** Names that nobody has, and addresses, are strangers' to choose: as many counters as this, and names share them by chance. */
const BUCKETS = 65_536;

export interface Attempt {
  /** Canonical name of the user; undefined for one that does not exist. */
  readonly userName: string | undefined;
  /** As the client wrote it. */
  readonly name: string;
  readonly remoteAddress: string;
}

/** `wrong` counts; `unknown`: nothing was tried, or what was tried says nothing about the PIN. */
export type Outcome = 'right' | 'wrong' | 'unknown';

export interface AttemptsOptions {
  readonly buckets?: number;
  /** A clock that does not jump. */
  readonly nowMs?: () => number;
  /** Wrong PINs count on all nodes. */
  readonly shared?: SharedLogins | undefined;
}

/**
 * Counts wrong PINs by user and by address, see {@link Guesses}. Nothing but time forgives: else whoever knows one PIN could guess others
 * for ever, and so could somebody while the real user logs in.
 */
export class Attempts {
  readonly #byUser: Guesses;
  readonly #byAddress: Guesses;
  /** Of this process or its nodes only, so that nobody can choose who shares a counter with whom. */
  readonly #bucketKey = randomBytes(32);
  readonly #shared: SharedLogins | undefined;
  readonly #buckets: number;

  constructor(
    private readonly log: Log,
    { buckets = BUCKETS, shared, ...clock }: AttemptsOptions = {},
  ) {
    this.#shared = shared;
    this.#buckets = buckets;
    this.#byUser = new Guesses({ most: MAX_WRONG_PER_USER, shared, ...clock });
    this.#byAddress = new Guesses({ most: MAX_WRONG_PER_ADDRESS, shared, ...clock });
  }

  /** How many counters there are. */
  get sizes(): { readonly byUser: number; readonly byAddress: number } {
    return { byUser: this.#byUser.size, byAddress: this.#byAddress.size };
  }

  /**
   * Runs a check of a PIN when its turn has come, and counts it when the PIN was wrong.
   * @throws HttpError 429 with Retry-After after too many wrong PINs; the check is not run then. 503 if too many checks wait
   */
  async count(attempt: Attempt, check: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    const { remoteAddress, userName, name } = attempt;
    const address = `address:${this.#bucket(clientKey(remoteAddress))}`;
    const user = userName === undefined ? `unknown:${this.#bucket(name)}` : `known:${userName}`;
    await this.#byAddress.enter(address);
    let outcome: Outcome = 'unknown';
    try {
      outcome = await this.#countForUser(user, attempt, check);
      return outcome;
    } finally {
      if (this.#byAddress.leave(address, outcome === 'wrong')) this.#tellOfWait('address', attempt);
    }
  }

  async #countForUser(key: string, attempt: Attempt, check: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    await this.#byUser.enter(key);
    let outcome: Outcome = 'unknown';
    try {
      outcome = await check();
      if (outcome === 'wrong') this.log.warn('Login refused: wrong user name or PIN', shownOf(attempt));
      return outcome;
    } finally {
      if (this.#byUser.leave(key, outcome === 'wrong')) this.#tellOfWait('user', attempt);
    }
  }

  #tellOfWait(limit: 'user' | 'address', attempt: Attempt): void {
    this.log.warn('Too many wrong PINs: logins refused for a while', { ...shownOf(attempt), limit });
  }

  #bucket(text: string): string {
    const digest = createHmac('sha256', this.#shared?.secret ?? this.#bucketKey)
      .update(text)
      .digest();
    return String(digest.readUInt32BE() % this.#buckets);
  }
}

/** A name that nobody has is not shown: people type PINs into the wrong field. */
function shownOf({ userName, remoteAddress }: Attempt): Readonly<Record<string, unknown>> {
  return { user: userName ?? '(nobody)', address: remoteAddress };
}
