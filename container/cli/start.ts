import { faultsOf } from '../check/check-configuration.js';
import { ConfigurationError } from '../config/errors.js';
import { loadSettings } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import { Container } from '../container.js';
import { createLog } from '../log.js';
import { failureTable } from '../plugins/failure-table.js';
import { uncaughtErrors } from '../uncaught.js';
import { exitSoon } from './exit.js';
import { preferShortPauses } from './garbage-collection.js';
import { ReloadSignal } from './reload-signal.js';
import { ServiceManager } from './service-manager.js';
import { stopSignal } from './stop-signal.js';
import { runWorkers, tellReady, workerIndex, workerSettings } from './workers.js';

/** How long the process waits at its end for a log that cannot be written. */
const LAST_LINES_MS = 500;

export interface StartOptions {
  readonly config?: string | undefined;
  /** Connected calls go on while the container drains, whatever the configuration says. */
  readonly drain?: boolean | undefined;
  /** How many processes. */
  readonly workers?: string | undefined;
}

/**
 * Runs the container until SIGINT or SIGTERM, or until it has failed itself. The ready line on standard output names the real ports.
 * @returns the exit code
 */
export async function start({ config, drain, workers }: StartOptions): Promise<number> {
  preferShortPauses();
  const read = (): Settings => {
    const settings = loadSettings({ configFile: config, env: process.env });
    return workerSettings({ ...settings, drain: drain ?? settings.drain });
  };
  if (workers !== undefined && workerIndex === undefined) return runWorkers(workers, await allFaultsOf(config, read));
  const settings = await allFaultsOf(config, read);
  const log = createLog(settings.logLevel);
  const manager = new ServiceManager(log);
  const reloadSignal = new ReloadSignal(read, settings, log, manager);
  let running: Container | undefined;
  const failed = uncaughtErrors(log, (stack) => running?.pluginOf(stack)).then(() => undefined);
  const stopped = stopSignal();
  try {
    const container = await allFaultsOf(config, () => Container.start(settings, log));
    running = container;
    reloadSignal.serve(container);
    void manager.tell('READY=1');
    tellReady(container.ports);
    // The log has the failures as JSON; a terminal gets a table.
    if (process.stderr.isTTY) process.stderr.write(failureTable(container.pluginFailures));
    const signal = await Promise.race([stopped, failed]);
    void manager.tell('STOPPING=1');
    if (signal !== undefined) {
      log.info('Draining', { signal, seconds: settings.drainSeconds });
      await Promise.race([container.drain(), failed]);
    }
    log.info('Stopping', { signal });
    await container.stop();
    return signal === undefined ? 1 : 0;
  } finally {
    await log.flushed(LAST_LINES_MS);
    exitSoon(log);
  }
}

/**
 * If the configuration stops a step of the start, reports all its faults and not just the first.
 * @throws ConfigurationError with a line for each fault
 */
async function allFaultsOf<T>(config: string | undefined, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { problems } = await faultsOf({ configFile: config, env: process.env });
    throw problems.length > 0 ? new ConfigurationError(problems) : error;
  }
}
