import type { RootLog } from '../log.js';

const GRACE_MS = 1_000;
/** How long the last line may take. */
const LAST_LINE_MS = 500;

/** Ends the process, even if a plugin has left a timer or a socket open. */
export function exitSoon(log: RootLog): void {
  const exit = async (): Promise<never> => {
    log.warn('Left open at the end', { resources: process.getActiveResourcesInfo() });
    await log.flushed(LAST_LINE_MS);
    process.exit();
  };
  setTimeout(() => void exit(), GRACE_MS).unref();
}
