import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../config/settings.js';
import type { RootLog } from '../log.js';
import { messageOf } from '../message-of.js';
import type { ServiceManager } from './service-manager.js';

/** Keys that take effect without a restart. */
const RELOADED: ReadonlySet<string> = new Set(['logLevel', 'limits']);

/** What is read again on SIGHUP. */
export interface Reloadable {
  reload(settings: Settings): Promise<void>;
}

/**
 * Handles SIGHUP, which would otherwise end the process: reads the configuration again, and with it the users and certificates. What
 * needs a restart is named in the log. An unusable configuration changes nothing.
 */
export class ReloadSignal {
  #container: Reloadable | undefined;
  #current: Settings;
  #reloading: Promise<void> = Promise.resolve();

  /** @param read reads the configuration. @param settings as the container was started with */
  constructor(
    private readonly read: () => Settings,
    settings: Settings,
    private readonly log: RootLog,
    private readonly manager: Pick<ServiceManager, 'tell'>,
  ) {
    this.#current = settings;
    process.on('SIGHUP', () => {
      this.#reloading = this.#reloading.then(() => this.#reloadAndTell());
    });
  }

  /** From now on SIGHUP reloads this container. */
  serve(container: Reloadable): void {
    this.#container = container;
  }

  async #reloadAndTell(): Promise<void> {
    if (!this.#container) return this.log.info('SIGHUP ignored: the container is starting');
    void this.manager.tell('RELOADING=1');
    await this.#reload(this.#container);
    void this.manager.tell('READY=1');
  }

  async #reload(container: Reloadable): Promise<void> {
    const { log } = this;
    try {
      const settings = this.read();
      log.level = settings.logLevel;
      await container.reload(settings);
      const needRestart = keysOf(settings).filter(
        (key) => !RELOADED.has(key) && !isDeepStrictEqual(settings[key], this.#current[key]),
      );
      log.info('Configuration read again', { logLevel: settings.logLevel, limits: settings.limits });
      if (needRestart.length > 0) log.warn('These keys have changed and need a restart', { keys: needRestart });
      // The keys that need a restart are as they were, until there is one.
      this.#current = { ...this.#current, logLevel: settings.logLevel, limits: settings.limits };
    } catch (error) {
      const reason = messageOf(error);
      log.error('Configuration kept as it was, the new one cannot be used', { reason });
    }
  }
}

function keysOf(settings: Settings): (keyof Settings)[] {
  return Object.keys(settings) as (keyof Settings)[];
}
