import type { Cache, CacheOptions } from '../../sdk/index.js';

interface Entry<V> {
  readonly value: V;
  timer: NodeJS.Timeout | undefined;
}

/** setTimeout takes 32 bits; entries with a longer lifetime stay until deleted. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export interface TtlCacheOptions<V> extends CacheOptions<V> {
  /** Throws where nothing may be kept any more. */
  readonly beforeSet?: () => void;
}

/** The SDK's cache: a map, with a timer for each entry that expires. */
export class TtlCache<V> implements Cache<V> {
  readonly #entries = new Map<string, Entry<V>>();

  constructor(private readonly options: TtlCacheOptions<V>) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: string, value: V, ttlMs: number = this.options.ttlMs): void {
    this.options.beforeSet?.();
    const replaced = this.#entries.get(key);
    clearTimeout(replaced?.timer);
    // The new entry is there before `onRemove` runs, which may use the cache.
    this.#entries.set(key, { value, timer: this.#expiry(key, ttlMs) });
    if (replaced) this.options.onRemove?.(replaced.value, key);
  }

  touch(key: string, ttlMs: number): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    clearTimeout(entry.timer);
    entry.timer = this.#expiry(key, ttlMs);
    return true;
  }

  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    clearTimeout(entry.timer);
    this.#entries.delete(key);
    this.options.onRemove?.(entry.value, key);
    return true;
  }

  *values(): IterableIterator<V> {
    for (const { value } of this.#entries.values()) yield value;
  }

  clear(): void {
    const removed = [...this.#entries];
    this.#entries.clear();
    for (const [, { timer }] of removed) clearTimeout(timer);
    for (const [key, { value }] of removed) this.options.onRemove?.(value, key);
  }

  #expiry(key: string, ttlMs: number): NodeJS.Timeout | undefined {
    return ttlMs > MAX_TIMER_MS ? undefined : setTimeout(() => this.delete(key), Math.max(0, ttlMs));
  }
}
