import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Lifecycle, scoped } from 'tsyringe';
import {
  type Cache,
  CallError,
  type IdempotentAnswer,
  type IdempotentRequest,
  Sdk,
  type SharedRecords,
} from '../../sdk/index.js';
import { SharedCalls } from './nodes/shared-calls.js';

const KEPT_MS = 24 * 3_600_000;
/** Most keys kept; beyond that, the oldest are dropped. */
const MAX_KEYS = 20_000;
/** How long a request waits for the first one with its key, before the answer that that is still under way. */
const PATIENCE_MS = 2_000;
/** How long a key stays reserved without an answer from its node, which may have died. */
const UNDER_WAY_MS = 120_000;
const POLL_MS = 50;

interface Entry {
  /** Hashed: requests are long, and may hold secrets. */
  readonly fingerprint: string;
  readonly answer: Promise<IdempotentAnswer<unknown>>;
}

/** The same, as all nodes have it. */
interface SharedEntry {
  readonly fingerprint: string;
  /** Absent while the request is under way. */
  readonly answer?: { readonly value: unknown };
}

/** The requests of the last 24 hours with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), and their answers. */
@scoped(Lifecycle.ContainerScoped)
export class Idempotency {
  readonly #entries: Cache<Entry>;
  /** Oldest first. */
  readonly #keys = new Set<string>();

  constructor(
    sdk: Sdk,
    private readonly shared: SharedCalls,
  ) {
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
    const answer = this.#carryOut(name, hash, work, patienceMs);
    this.#keep(name, { fingerprint: hash, answer });
    try {
      return await answer;
    } catch (error) {
      this.#entries.delete(name);
      throw error;
    }
  }

  async #carryOut<T>(
    name: string,
    fingerprint: string,
    work: () => Promise<T>,
    patienceMs: number,
  ): Promise<IdempotentAnswer<T>> {
    const { records } = this.shared;
    if (!records) return { answer: await work(), isReplay: false };
    const reserved = await this.#reserved(records, name, fingerprint, patienceMs);
    if (reserved) return { answer: reserved.value as T, isReplay: true };
    try {
      const value = await work();
      records.settle(name, JSON.stringify({ fingerprint, answer: { value } } satisfies SharedEntry), KEPT_MS);
      return { answer: value, isReplay: false };
    } catch (error) {
      records.settle(name, undefined, 0);
      throw error;
    }
  }

  /** The answer of another node; undefined if this node is to carry the request out. */
  async #reserved(
    records: SharedRecords,
    name: string,
    fingerprint: string,
    patienceMs: number,
  ): Promise<SharedEntry['answer']> {
    const endsAtMs = performance.now() + patienceMs;
    for (;;) {
      const text = await records.reserve(name, JSON.stringify({ fingerprint } satisfies SharedEntry), UNDER_WAY_MS);
      if (text === undefined) return undefined;
      const entry = JSON.parse(text) as SharedEntry;
      if (entry.fingerprint !== fingerprint) throw reused();
      if (entry.answer) return entry.answer;
      if (performance.now() > endsAtMs) throw underWay();
      await delay(POLL_MS);
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
  if (known.fingerprint !== fingerprint) throw reused();
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(underWay()), patienceMs);
  });
  try {
    return (await Promise.race([known.answer, patience])).answer;
  } finally {
    clearTimeout(timer);
  }
}

function reused(): CallError {
  return new CallError(422, 'idempotency-key-reused', 'The Idempotency-Key was used for another request');
}

function underWay(): CallError {
  return new CallError(409, 'idempotency-key-in-use', 'The first request with this Idempotency-Key is still under way');
}
