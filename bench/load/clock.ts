import { parentPort } from 'node:worker_threads';
import { z } from 'zod';

/*
 * A worker that gives the send times. Timers of the event loop have a resolution of a millisecond, too coarse for the measurement;
 * Atomics.wait sleeps to the microsecond, and costs no CPU.
 */

/** A series of ticks, evenly spaced. */
export interface Beat {
  readonly count: number;
  readonly perSecond: number;
}

const beat = z.object({ count: z.number(), perSecond: z.number() });
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Milliseconds of a clock that is the same in all threads. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

parentPort?.on('message', (message) => {
  const { count, perSecond } = beat.parse(message);
  const startMs = nowMs() + 10;
  for (let i = 0; i < count; i++) {
    const dueMs = startMs + (i * 1000) / perSecond;
    const restMs = dueMs - nowMs();
    if (restMs > 0) Atomics.wait(sleeper, 0, 0, restMs);
    parentPort?.postMessage(dueMs, []);
  }
});
