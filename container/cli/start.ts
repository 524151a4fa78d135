import { loadSettings } from '../config/load.js';
import { Container } from '../container.js';
import { createLog } from '../log.js';
import { failureTable } from '../plugins/failure-table.js';
import { uncaughtErrors } from '../uncaught.js';
import { exitSoon } from './exit.js';
import { preferShortPauses } from './garbage-collection.js';
import { stopSignal } from './stop-signal.js';

/** How long the process waits at its end for a log that cannot be written. */
const LAST_LINES_MS = 500;

/**
 * Runs the container until SIGINT or SIGTERM, or until it has failed itself. The ready line on standard output names the real ports.
 * @returns the exit code
 */
export async function start(options: { readonly config?: string | undefined }): Promise<number> {
  preferShortPauses();
  const settings = loadSettings({ configFile: options.config, env: process.env });
  const log = createLog(settings.logLevel);
  const failed = uncaughtErrors(log).then(() => undefined);
  const stopped = stopSignal();
  try {
    const container = await Container.start(settings, log);
    process.stdout.write(`${JSON.stringify({ ready: true, ...container.ports })}\n`);
    // The log has it as JSON; whoever sits at a terminal wants to read it.
    if (process.stderr.isTTY) process.stderr.write(failureTable(container.pluginFailures));
    const signal = await Promise.race([stopped, failed]);
    log.info('Stopping', { signal });
    await container.stop();
    return signal === undefined ? 1 : 0;
  } finally {
    await log.flushed(LAST_LINES_MS);
    exitSoon(log);
  }
}
