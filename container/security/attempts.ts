import { createHmac, randomBytes } from 'node:crypto';
import createError from 'http-errors';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Log } from '../../sdk/log.js';
import { BoundedLog } from './bounded-log.js';
import { clientKey } from './networks.js';

/** Wrong PINs for a user, or from an address, within {@link PERIOD_SECONDS}; the next attempt starts the wait. */
const MAX_WRONG_PER_USER = 10;
const MAX_WRONG_PER_ADDRESS = 50;
const PERIOD_SECONDS = 300;
const WAIT_SECONDS = 300;

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

interface Limit {
  readonly limiter: RateLimiterMemory;
  readonly key: string;
  readonly shown: Readonly<Record<string, unknown>>;
}

/**
 * Counts wrong PINs by user and by address. An attempt is counted before its PIN is looked at and taken back when it was not
 * wrong, so that guesses side by side cannot slip through. Nothing but time forgives: else whoever knows one PIN could guess others
 * for ever, and so could somebody while the real user logs in.
 */
export class Attempts {
  readonly #byUser = limiter(MAX_WRONG_PER_USER);
  readonly #byAddress = limiter(MAX_WRONG_PER_ADDRESS);
  /** Of this process only, so that nobody can choose who shares a counter with whom. */
  readonly #bucketKey = randomBytes(32);
  readonly #wrong: BoundedLog;
  readonly #tooMany: BoundedLog;

  constructor(
    log: Log,
    private readonly buckets = BUCKETS,
  ) {
    this.#wrong = new BoundedLog(log, 'Login refused: wrong user name or PIN');
    this.#tooMany = new BoundedLog(log, 'Too many wrong PINs: logins refused for a while');
  }

  /** How many counters there are. */
  get sizes(): { readonly byUser: number; readonly byAddress: number } {
    return { byUser: this.#byUser.dump().storage.length, byAddress: this.#byAddress.dump().storage.length };
  }

  /**
   * Runs a check of a PIN and counts it when it was wrong.
   * @throws HttpError 429 with Retry-After when there were too many before; the check is not run then
   */
  async count(attempt: Attempt, check: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    const limits = this.#limitsOf(attempt);
    await this.#consume(limits);
    let outcome: Outcome = 'unknown';
    try {
      outcome = await check();
    } finally {
      if (outcome !== 'wrong') await giveBack(limits);
    }
    if (outcome === 'wrong') this.#wrong.warn(shownOf(attempt));
    return outcome;
  }

  #limitsOf(attempt: Attempt): Limit[] {
    const address = clientKey(attempt.remoteAddress);
    const user = attempt.userName === undefined ? `unknown:${this.#bucket(attempt.name)}` : `known:${attempt.userName}`;
    const shown = shownOf(attempt);
    return [
      { limiter: this.#byAddress, key: this.#bucket(address), shown: { ...shown, limit: 'address' } },
      { limiter: this.#byUser, key: user, shown: { ...shown, limit: 'user' } },
    ];
  }

  async #consume(limits: readonly Limit[]): Promise<void> {
    const consumed: Limit[] = [];
    for (const limit of limits) {
      try {
        await limit.limiter.consume(limit.key);
        consumed.push(limit);
      } catch (refusal) {
        // Whoever asks for a user that has to wait has not guessed.
        await giveBack(consumed);
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        if (refusal.consumedPoints === limit.limiter.points + 1) this.#tooMany.warn(limit.shown);
        throw tooManyRequests(refusal.msBeforeNext);
      }
    }
  }

  #bucket(text: string): string {
    const digest = createHmac('sha256', this.#bucketKey).update(text).digest();
    return String(digest.readUInt32BE() % this.buckets);
  }
}

function limiter(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: PERIOD_SECONDS, blockDuration: WAIT_SECONDS });
}

async function giveBack(limits: readonly Limit[]): Promise<void> {
  for (const { limiter: counter, key } of limits) await counter.reward(key);
}

/** A name that nobody has is not shown: people type PINs into the wrong field. */
function shownOf({ userName, remoteAddress }: Attempt): Readonly<Record<string, unknown>> {
  return { user: userName ?? '(nobody)', address: remoteAddress };
}

function tooManyRequests(waitMs: number): Error {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return createError(429, `Too many wrong PINs: try again in ${seconds} seconds`, {
    headers: { 'Retry-After': String(seconds) },
  });
}
