import { setFlagsFromString } from 'node:v8';

/** How much the old generation grows beyond what lives, in per cent, before all of it is collected. */
const GROWTH_PERCENT = 300;

/**
 * Has V8 collect the whole heap seldom: while it marks, everybody waits for tens of milliseconds, and a call that has rung leaves 10 KiB in
 * the old generation. The rest, short collections of the young generation and one helper thread, can only be asked for on Node's
 * command line (see `npm start`). docs/performance.md has the figures.
 */
export function preferShortPauses(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
