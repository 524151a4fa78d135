import type { Log } from '../sdk/index.js';
import { stackLines } from './plugins/plugin-of-stack.js';

/** How long an orderly end may take after the container's own code has failed. */
const END_LIMIT_MS = 10_000;
const CONTAINER_CODE = new URL('./', import.meta.url).href;

/**
 * Handles uncaught errors, which would end the process and every call with it. Errors that began in a timer, listener or promise of a
 * plugin have not interrupted the container, and are logged. One that began in the container may have left something half done.
 *
 * @param pluginOf the name of the plugin whose code is in a stack
 * @returns settles after the first of the latter kind: the container has to end. The process ends with it, in 10 s at the latest
 */
export function uncaughtErrors(log: Log, pluginOf: (stack: string) => string | undefined): Promise<void> {
  const fields = (error: unknown) => ({ plugin: pluginOf(stackOf(error)), error });
  process.on('unhandledRejection', (reason) => log.error('Nobody has handled a rejection', fields(reason)));
  return new Promise((resolve) => {
    process.on('uncaughtException', (error: unknown) => {
      if (!beganInContainer(error)) {
        log.error('Nobody has caught an error', fields(error));
        return;
      }
      log.error('The container itself has failed, and ends', { error });
      setTimeout(() => process.exit(1), END_LIMIT_MS).unref();
      resolve();
    });
  });
}

/** Whether Node called the container's code: the last line of the stack that is not Node's own. */
function beganInContainer(error: unknown): boolean {
  return stackLines(stackOf(error)).at(-1)?.includes(CONTAINER_CODE) ?? false;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : '';
}
