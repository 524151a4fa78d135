export interface CacheOptions<V> {
  /** Lifetime of an entry that is set without one of its own, in milliseconds. `Infinity`: until it is deleted. */
  readonly ttlMs: number;
  /** Called once for each entry that leaves the cache: expired, deleted, replaced, or the plugin stops. */
  readonly onRemove?: (value: V, key: string) => void;
}

/** A map whose entries expire. Each plugin has caches of its own; they are emptied when the plugin stops. */
export interface Cache<V> {
  readonly size: number;
  get(key: string): V | undefined;
  /**
   * Sets or replaces an entry; it expires after `ttlMs` milliseconds, counted from now.
   * @throws Error with the code SIPXREST_PLUGIN_WRONG_PHASE once the plugin is stopped or left out
   */
  set(key: string, value: V, ttlMs?: number): void;
  /** Counts an entry's lifetime anew from now, in milliseconds. False where there is no such entry. */
  touch(key: string, ttlMs: number): boolean;
  delete(key: string): boolean;
  values(): IterableIterator<V>;
}
