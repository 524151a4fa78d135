import { Router } from '@koa/router';
import type { z } from 'zod';
import {
  type Accounts,
  type Cache,
  type CacheOptions,
  type InsideListener,
  type Log,
  Sdk,
  type Sip,
} from '../../sdk/index.js';
import { MAX_TIMER_MS, TtlCache } from '../cache/ttl-cache.js';
import type { Manifest } from './manifest.js';
import { checkPluginSettings } from './plugin-settings.js';

export interface PluginSdkOptions {
  readonly manifest: Manifest;
  readonly sip: Sip & { close(): Promise<void> };
  readonly accounts: Accounts;
  readonly log: Log;
  /** The plugin's own part of the configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly caFile?: string | undefined;
  /** How long handlers may take until their answers begin, where the plugin says nothing else, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** @throws Error before the container listens */
  readonly inside: () => InsideListener;
}

/** The SDK as one plugin gets it, and the owner of what the plugin made through it. */
export class PluginSdk extends Sdk {
  readonly routes: Router;
  readonly sip: Sip;
  readonly accounts: Accounts;
  readonly log: Log;
  readonly caFile: string | undefined;
  #settingsError: unknown;
  #answerLimitMs: number;
  readonly #caches = new Map<string, TtlCache<unknown>>();

  constructor(private readonly options: PluginSdkOptions) {
    super();
    this.routes = new Router({ prefix: options.manifest.uriPrefix });
    this.sip = options.sip;
    this.accounts = options.accounts;
    this.log = options.log;
    this.caFile = options.caFile;
    this.#answerLimitMs = options.requestTimeoutMs;
  }

  /** What was wrong with the plugin's settings. Dependency injection hides it from the container in an error of its own. */
  get settingsError(): unknown {
    return this.#settingsError;
  }

  /** Entries by cache name. */
  get cacheSizes(): ReadonlyMap<string, number> {
    return new Map([...this.#caches].map(([name, cache]) => [name, cache.size]));
  }

  /** How long the plugin's handlers may take until their answers begin, in milliseconds. */
  get answerLimitMs(): number {
    return this.#answerLimitMs;
  }

  answerWithin(limitMs: number): void {
    if (!(limitMs > 0)) throw new RangeError(`expected milliseconds above 0, found ${limitMs}`);
    this.#answerLimitMs = Math.min(limitMs, MAX_TIMER_MS);
  }

  inside(): InsideListener {
    return this.options.inside();
  }

  cache<V>(name: string, options: CacheOptions<V>): Cache<V> {
    if (this.#caches.has(name)) throw new Error(`The plugin has a cache named "${name}" already`);
    const onRemove = (value: V, key: string): void => this.#onRemove(name, options, value, key);
    const cache = new TtlCache<V>({ ...options, onRemove });
    this.#caches.set(name, cache as TtlCache<unknown>);
    return cache;
  }

  config<S extends z.ZodType>(schema: S): z.output<S> {
    try {
      return checkPluginSettings(this.options.manifest.name, schema, this.options.settings);
    } catch (error) {
      this.#settingsError = error;
      throw error;
    }
  }

  /** Ends all timers and sockets that the plugin made through its SDK. */
  async close(): Promise<void> {
    for (const cache of this.#caches.values()) cache.clear();
    await this.options.sip.close();
  }

  /** Entries expire in a timer, where what the plugin throws would end the process. */
  #onRemove<V>(cache: string, { onRemove }: CacheOptions<V>, value: V, key: string): void {
    try {
      onRemove?.(value, key);
    } catch (error) {
      this.log.error('onRemove failed', { cache, error });
    }
  }
}
