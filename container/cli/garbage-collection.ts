import { setFlagsFromString } from 'node:v8';

/** How much the old generation may grow before a full collection, in per cent of the live objects. */
const GROWTH_PERCENT = 300;

/**
 * Makes full collections of the heap rare: marking pauses everything for tens of milliseconds, and a call that has rung leaves 10 KiB in
 * the old generation. The other settings, short collections of the young generation and one helper thread, are possible only on Node's
 * command line (see `npm start`). docs/performance.md has the figures.
 */
export function preferShortPauses(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
