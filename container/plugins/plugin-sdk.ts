import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Router } from '@koa/router';
import type { z } from 'zod';
import {
  type Accounts,
  type Cache,
  type CacheOptions,
  type Duty,
  type DutyHolder,
  type InsideListener,
  type Load,
  type Log,
  type Metrics,
  type RecordOwner,
  Sdk,
  type ServiceToken,
  type SharedRecords,
  type TraceLog,
  type Sip,
} from '../../sdk/index.js';
import { errorCode } from '../config/files.js';
import { MAX_TIMER_MS, TtlCache } from '../cache/ttl-cache.js';
import type { DiscoveredPlugin } from './discovered-plugin.js';
import type { Phase } from './lifecycle.js';
import { BEFORE_THE_END, type Demand, PhasedSip } from './phased-sip.js';
import { PluginError } from './plugin-error.js';
import { checkPluginSettings } from './plugin-settings.js';

export interface PluginSdkOptions {
  readonly plugin: DiscoveredPlugin;
  readonly sip: Sip & { close(): Promise<void> };
  readonly accounts: Accounts;
  readonly load: Load;
  readonly log: Log;
  readonly traceLog: TraceLog;
  readonly metrics: Metrics;
  /** The plugin's own part of the configuration, and the key in `plugins` under which it stands. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly settingsKey: string;
  readonly caFile?: string | undefined;
  /** The folder in which plugins have their data folders. */
  readonly dataDir: string;
  /** Where these settings were read, for the errors in them. */
  readonly configFile?: string | undefined;
  /** How long handlers may take until their answers begin, where the plugin says nothing else, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** The container's phase. That of the plugin is another one once its SDK is closed. */
  readonly phase: () => Phase;
  /** Asked when the container listens. */
  readonly inside: () => InsideListener;
  /** The nodes of the service; undefined if the container is alone. */
  readonly nodes?: (() => readonly InsideListener[]) | undefined;
  /** Undefined if the container is alone. */
  readonly share?: ((owner: RecordOwner) => SharedRecords) | undefined;
  /** Undefined if the container is alone. */
  readonly duty?: ((name: string, holder: DutyHolder) => Duty) | undefined;
  /** Takes what the plugin provides. @throws PluginError when somebody provides it already */
  readonly provide: (token: ServiceToken<object>, value: object) => void;
}

/** The SDK as one plugin gets it, and the owner of what the plugin made through it. */
export class PluginSdk extends Sdk {
  readonly routes: Router;
  readonly sip: Sip;
  readonly accounts: Accounts;
  readonly load: Load;
  readonly log: Log;
  readonly traceLog: TraceLog;
  readonly metrics: Metrics;
  readonly caFile: string | undefined;
  #settingsError: unknown;
  #isClosed = false;
  #answerLimitMs: number;
  #dataDir: string | undefined;
  readonly #caches = new Map<string, TtlCache<unknown>>();

  constructor(private readonly options: PluginSdkOptions) {
    super();
    this.routes = new Router({ prefix: options.plugin.manifest.uriPrefix });
    this.sip = new PhasedSip(options.sip, this.#demand);
    this.accounts = options.accounts;
    this.load = options.load;
    this.log = options.log;
    this.traceLog = options.traceLog;
    this.metrics = options.metrics;
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

  get dataDir(): string {
    this.#demand('sdk.dataDir', ...BEFORE_THE_END);
    return (this.#dataDir ??= this.#makeDataFolder());
  }

  answerWithin(limitMs: number): void {
    if (!(limitMs > 0)) throw new RangeError(`expected milliseconds above 0, found ${limitMs}`);
    this.#demand('sdk.answerWithin()', 'loading', 'starting');
    this.#answerLimitMs = Math.min(limitMs, MAX_TIMER_MS);
  }

  inside(): InsideListener {
    this.#demand('sdk.inside()', 'ready', 'draining', 'stopping');
    return this.options.inside();
  }

  cache<V>(name: string, options: CacheOptions<V>): Cache<V> {
    this.#demand('sdk.cache()', ...BEFORE_THE_END);
    if (this.#caches.has(name)) {
      const problem = { key: 'sdk.cache()', expected: 'a name that it has not used yet', found: name };
      throw new PluginError('SIPXREST_PLUGIN_DUPLICATE_CACHE', { ...this.#self, ...problem });
    }
    const onRemove = (value: V, key: string): void => this.#onRemove(name, options, value, key);
    const beforeSet = (): void => this.#demand(`set() of the cache ${name}`, ...BEFORE_THE_END);
    const cache = new TtlCache<V>({ ...options, onRemove, beforeSet });
    this.#caches.set(name, cache as TtlCache<unknown>);
    return cache;
  }

  provide<T extends object>(token: ServiceToken<T>, value: T): void {
    this.#demand('sdk.provide()', 'loading', 'starting');
    this.options.provide(token, value);
  }

  nodes(): readonly InsideListener[] | undefined {
    return this.options.nodes?.();
  }

  share(owner: RecordOwner): SharedRecords | undefined {
    this.#demand('sdk.share()', 'loading', 'starting');
    return this.options.share?.(owner);
  }

  duty(name: string, holder: DutyHolder): Duty | undefined {
    this.#demand('sdk.duty()', 'loading', 'starting');
    return this.options.duty?.(name, holder);
  }

  config<S extends z.ZodType>(schema: S): z.output<S> {
    const { settings, settingsKey, configFile } = this.options;
    try {
      return checkPluginSettings(settingsKey, schema, settings, configFile);
    } catch (error) {
      this.#settingsError = error;
      throw error;
    }
  }

  /** Ends all timers and sockets that the plugin made through its SDK, which can make no more of them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cache of this.#caches.values()) cache.clear();
    await this.options.sip.close();
  }

  /** Named by the plugin, whose name is that of a package or of a folder: one step of a path. */
  #makeDataFolder(): string {
    const folder = join(this.options.dataDir, this.#self.plugin);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      const problem = { key: 'dataDir', expected: `a folder that can be made: ${folder}`, found: errorCode(error) };
      throw new PluginError('SIPXREST_PLUGIN_NO_DATA_FOLDER', { ...this.#self, ...problem });
    }
    return folder;
  }

  get #self(): { readonly plugin: string; readonly file: string } {
    const { manifest, file } = this.options.plugin;
    return { plugin: manifest.name, file };
  }

  readonly #demand: Demand = (key, ...phases) => {
    const phase = this.#isClosed ? 'stopped' : this.options.phase();
    if (phases.includes(phase)) return;
    const expected = `the phase ${phases.join(' or ')}`;
    throw new PluginError('SIPXREST_PLUGIN_WRONG_PHASE', { ...this.#self, key, expected, found: phase });
  };

  /** Entries expire in a timer, where what the plugin throws would end the process. */
  #onRemove<V>(cache: string, { onRemove }: CacheOptions<V>, value: V, key: string): void {
    try {
      onRemove?.(value, key);
    } catch (error) {
      this.log.error('onRemove failed', { cache, error });
    }
  }
}
