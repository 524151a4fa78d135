import { loadSettings } from '../config/load.js';
import { Container } from '../container.js';
import { createLog } from '../log.js';
import { exitSoon } from './exit.js';
import { stopSignal } from './stop-signal.js';

/**
 * Runs the container until SIGINT or SIGTERM. The ready line on standard output names the real ports.
 * @returns the exit code
 */
export async function start(options: { readonly config?: string | undefined }): Promise<number> {
  const settings = loadSettings({ configFile: options.config, env: process.env });
  const log = createLog(settings.logLevel);
  const stopped = stopSignal();
  try {
    const container = await Container.start(settings, log);
    process.stdout.write(`${JSON.stringify({ ready: true, ...container.ports })}\n`);
    log.info('Stopping', { signal: await stopped });
    await container.stop();
    return 0;
  } finally {
    exitSoon(log);
  }
}
