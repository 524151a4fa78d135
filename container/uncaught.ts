import type { Log } from '../sdk/index.js';

/** How long an orderly end may take after the container's own code has failed. */
const END_LIMIT_MS = 10_000;
const CONTAINER_CODE = new URL('./', import.meta.url).href;

/**
 * Takes the errors that nobody has caught, which would end the process and every call with it. Those that began in a plugin, in
 * its timer, its listener or its promise, have interrupted nothing of the container: they are logged. One that began in the
 * container may have left something half done.
 *
 * @returns settles after the first of the latter kind: the container has to end. The process ends with it, in 10 s at the latest
 */
export function uncaughtErrors(log: Log): Promise<void> {
  process.on('unhandledRejection', (reason) => log.error('Nobody has handled a rejection', { error: reason }));
  return new Promise((resolve) => {
    process.on('uncaughtException', (error: unknown) => {
      if (!beganInContainer(error)) {
        log.error('Nobody has caught an error', { error });
        return;
      }
      log.error('The container itself has failed, and ends', { error });
      setTimeout(() => process.exit(1), END_LIMIT_MS).unref();
      resolve();
    });
  });
}

/** Whose code Node has called: the last line of the stack that is not Node's own. */
function beganInContainer(error: unknown): boolean {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const calls = stack.split('\n').filter((line) => /^ {4}at /.test(line) && !/\(?node:/.test(line));
  return calls.at(-1)?.includes(CONTAINER_CODE) ?? false;
}
