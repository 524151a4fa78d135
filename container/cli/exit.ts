import type { Log } from '../../sdk/index.js';

const GRACE_MS = 1_000;

/** After the end: what a plugin left open, a timer or a socket, must not keep the process. */
export function exitSoon(log: Log): void {
  const exit = (): never => {
    log.warn('Left open at the end', { resources: process.getActiveResourcesInfo() });
    process.exit();
  };
  setTimeout(exit, GRACE_MS).unref();
}
