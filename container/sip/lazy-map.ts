const NOTHING = new Map<never, never>();

/** A Map that takes memory only while something is in it: most of those that sip.js makes for a call stay empty. */
export class LazyMap<K, V> implements Map<K, V> {
  #map: Map<K, V> | undefined;

  get [Symbol.toStringTag](): string {
    return 'LazyMap';
  }

  get size(): number {
    return this.#map?.size ?? 0;
  }

  get(key: K): V | undefined {
    return this.#map?.get(key);
  }

  has(key: K): boolean {
    return this.#map?.has(key) ?? false;
  }

  set(key: K, value: V): this {
    (this.#map ??= new Map()).set(key, value);
    return this;
  }

  delete(key: K): boolean {
    return this.#map?.delete(key) ?? false;
  }

  clear(): void {
    this.#map = undefined;
  }

  forEach(callback: (value: V, key: K, map: Map<K, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }

  entries(): MapIterator<[K, V]> {
    return (this.#map ?? NOTHING).entries();
  }

  keys(): MapIterator<K> {
    return (this.#map ?? NOTHING).keys();
  }

  values(): MapIterator<V> {
    return (this.#map ?? NOTHING).values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}
