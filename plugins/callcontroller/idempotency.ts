import { createHash } from 'node:crypto';
import { Lifecycle, scoped } from 'tsyringe';
import { type Cache, CallError, type IdempotentAnswer, type IdempotentRequest, Sdk } from '../../sdk/index.js';

const KEPT_MS = 24 * 3_600_000;
/** More are not kept; then the oldest are let go. */
const MAX_KEYS = 20_000;
/** How long a request waits for the first one of its key, before it is told that that is still under way. */
const PATIENCE_MS = 2_000;

interface Entry {
  /** Hashed: requests are long, and may hold secrets. */
  readonly fingerprint: string;
  readonly answer: Promise<unknown>;
}

/** The requests of the last 24 hours that came with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), and their answers. */
@scoped(Lifecycle.ContainerScoped)
export class Idempotency {
  readonly #entries: Cache<Entry>;
  /** Oldest first. */
  readonly #keys = new Set<string>();

  constructor(sdk: Sdk) {
    this.#entries = sdk.cache('idempotencyKeys', { ttlMs: KEPT_MS, onRemove: (_, name) => this.#keys.delete(name) });
  }

  /** See `CallControl`. */
  async once<T>(
    { scope, key, fingerprint, patienceMs = PATIENCE_MS }: IdempotentRequest,
    work: () => Promise<T>,
  ): Promise<IdempotentAnswer<T>> {
    const name = `${scope} ${key}`;
    const known = this.#entries.get(name);
    const hash = createHash('sha256').update(fingerprint).digest('base64');
    if (known) return { answer: (await replay(known, hash, patienceMs)) as T, isReplay: true };
    const answer = work();
    this.#keep(name, { fingerprint: hash, answer });
    try {
      return { answer: await answer, isReplay: false };
    } catch (error) {
      this.#entries.delete(name);
      throw error;
    }
  }

  #keep(name: string, entry: Entry): void {
    const [oldest] = this.#keys;
    if (this.#keys.size >= MAX_KEYS && oldest !== undefined) this.#entries.delete(oldest);
    this.#keys.add(name);
    this.#entries.set(name, entry);
  }
}

async function replay(known: Entry, fingerprint: string, patienceMs: number): Promise<unknown> {
  if (known.fingerprint !== fingerprint)
    throw new CallError(422, 'idempotency-key-reused', 'The Idempotency-Key was used for another request');
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    const underWay = new CallError(
      409,
      'idempotency-key-in-use',
      'The first request with this Idempotency-Key is still under way',
    );
    timer = setTimeout(() => reject(underWay), patienceMs);
  });
  try {
    return await Promise.race([known.answer, patience]);
  } finally {
    clearTimeout(timer);
  }
}
