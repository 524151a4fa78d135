const NOTHING = new Map<never, never>();

/**
 * A Map that takes little memory: it has its first entry in itself, and makes a Map (200 bytes) for more. Most of those that sip.js
 * makes for a call stay empty, or have one entry.
 */
export class LazyMap<K, V> implements Map<K, V> {
  #first: { readonly key: K; readonly value: V } | undefined;
  /** All entries, when there was more than one. */
  #map: Map<K, V> | undefined;

  get [Symbol.toStringTag](): string {
    return 'LazyMap';
  }

  get size(): number {
    return this.#map?.size ?? (this.#first ? 1 : 0);
  }

  get(key: K): V | undefined {
    if (this.#map) return this.#map.get(key);
    return this.#first?.key === key ? this.#first.value : undefined;
  }

  has(key: K): boolean {
    return this.#map?.has(key) ?? (this.#first !== undefined && this.#first.key === key);
  }

  set(key: K, value: V): this {
    const first = this.#first;
    if (this.#map) {
      this.#map.set(key, value);
    } else if (!first || first.key === key) {
      this.#first = { key, value };
    } else {
      this.#map = new Map([[first.key, first.value]]).set(key, value);
      this.#first = undefined;
    }
    return this;
  }

  delete(key: K): boolean {
    if (this.#map) return this.#map.delete(key);
    const isThere = this.has(key);
    if (isThere) this.#first = undefined;
    return isThere;
  }

  clear(): void {
    this.#first = undefined;
    this.#map = undefined;
  }

  forEach(callback: (value: V, key: K, map: Map<K, V>) => void): void {
    const first = this.#first;
    if (first) callback(first.value, first.key, this);
    else this.#map?.forEach((value, key) => callback(value, key, this));
  }

  entries(): MapIterator<[K, V]> {
    return this.#first ? [entryOf(this.#first)].values() : this.#entries().entries();
  }

  keys(): MapIterator<K> {
    return this.#first ? [this.#first.key].values() : this.#entries().keys();
  }

  values(): MapIterator<V> {
    return this.#first ? [this.#first.value].values() : this.#entries().values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  #entries(): Map<K, V> {
    return this.#map ?? NOTHING;
  }
}

function entryOf<K, V>({ key, value }: { readonly key: K; readonly value: V }): [K, V] {
  return [key, value];
}
