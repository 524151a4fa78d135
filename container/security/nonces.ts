import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SharedLogins } from './shared-logins.js';

const TIME_BYTES = 6;
const RANDOM_BYTES = 10;
const SIGNED_BYTES = TIME_BYTES + RANDOM_BYTES;
const SIGNATURE_BYTES = 16;

/** How many counts below the highest may still come: requests on parallel connections overtake one another. */
const WINDOW = 32;

export interface NonceOptions {
  readonly lifetimeMs?: number;
  /** How many nonces are remembered as used. */
  readonly maxUsed?: number;
  readonly nowMs?: () => number;
  /** Nonces are good on all nodes. */
  readonly shared?: SharedLogins | undefined;
}

interface Used {
  readonly issuedAtMs: number;
  highest: number;
  /** Bit n: the count `highest - n` was used. */
  seen: number;
}

/**
 * Nonces of HTTP Digest (RFC 7616 section 3.3). They carry their time and a signature, so that only those that a user has
 * answered correctly take memory; of these the counts are remembered, since a count is good for one request.
 */
export class Nonces {
  readonly #ownKey = randomBytes(32);
  readonly #shared: SharedLogins | undefined;
  /** In the order of their first use. */
  readonly #used = new Map<string, Used>();
  readonly lifetimeMs: number;
  readonly #maxUsed: number;
  readonly #nowMs: () => number;
  /** A nonce as old as this may have been forgotten: it is good only while it is still remembered. */
  #forgottenUntilMs = -1;

  constructor({
    lifetimeMs = 300_000,
    maxUsed = 10_000,
    shared,
    nowMs = () => Math.floor(shared?.nowMs ?? performance.now()),
  }: NonceOptions = {}) {
    this.lifetimeMs = lifetimeMs;
    this.#shared = shared;
    this.#maxUsed = maxUsed;
    this.#nowMs = nowMs;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#used.size;
  }

  make(): string {
    const signed = Buffer.alloc(SIGNED_BYTES);
    signed.writeUIntBE(this.#nowMs(), 0, TIME_BYTES);
    randomBytes(RANDOM_BYTES).copy(signed, TIME_BYTES);
    return Buffer.concat([signed, this.#sign(signed)]).toString('base64url');
  }

  /**
   * Takes one count of a nonce. To be called after the response was found right, and only then: it is what fills the memory.
   * @param count `nc` of the client, 1 and up
   * @returns false when the nonce is not one of these, too old, or the count was used before
   */
  take(nonce: string, count: number): boolean {
    const issuedAtMs = this.#issuedAt(nonce);
    if (issuedAtMs === undefined || this.#isExpired(issuedAtMs)) return false;
    let used = this.#used.get(nonce);
    if (!used) {
      if (issuedAtMs <= this.#forgottenUntilMs) return false;
      used = { issuedAtMs, highest: 0, seen: 0 };
      this.#remember(nonce, used);
    }
    return takeCount(used, count);
  }

  #issuedAt(nonce: string): number | undefined {
    const bytes = Buffer.from(nonce, 'base64url');
    if (bytes.length !== SIGNED_BYTES + SIGNATURE_BYTES || bytes.toString('base64url') !== nonce) return undefined;
    const signed = bytes.subarray(0, SIGNED_BYTES);
    if (!timingSafeEqual(this.#sign(signed), bytes.subarray(SIGNED_BYTES))) return undefined;
    return signed.readUIntBE(0, TIME_BYTES);
  }

  #isExpired(issuedAtMs: number): boolean {
    const ageMs = this.#nowMs() - issuedAtMs;
    return ageMs < 0 || ageMs > this.lifetimeMs;
  }

  #remember(nonce: string, used: Used): void {
    for (const [oldest, { issuedAtMs }] of this.#used) {
      const isFull = this.#used.size >= this.#maxUsed;
      if (!isFull && !this.#isExpired(issuedAtMs)) break;
      this.#used.delete(oldest);
      if (!this.#isExpired(issuedAtMs)) this.#forgottenUntilMs = Math.max(this.#forgottenUntilMs, issuedAtMs);
    }
    this.#used.set(nonce, used);
  }

  #sign(signed: Buffer): Buffer {
    return createHmac('sha256', this.#shared?.secret ?? this.#ownKey)
      .update(signed)
      .digest()
      .subarray(0, SIGNATURE_BYTES);
  }
}

function takeCount(used: Used, count: number): boolean {
  const ahead = count - used.highest;
  if (ahead > 0) {
    used.seen = ahead < WINDOW ? ((used.seen << ahead) | 1) >>> 0 : 1;
    used.highest = count;
    return true;
  }
  const behind = -ahead;
  if (count < 1 || behind >= WINDOW || ((used.seen >>> behind) & 1) === 1) return false;
  used.seen = (used.seen | (1 << behind)) >>> 0;
  return true;
}
