import { getHeapStatistics } from 'node:v8';
import { z } from 'zod';
import type { Limits } from '../../sdk/index.js';

const MIB = 1_048_576;
const KIB = 1_024;
/** Heap that the container needs without any call. */
const OWN_BYTES = 64 * MIB;
/** The least that is shared out, so that some calls can be placed in any heap. */
const LEAST_SHARED_BYTES = 16 * MIB;

/** Heap that a call needs in each state, with a reserve, and the share of the heap for all calls in that state. */
const COSTS = {
  callsInSetup: { bytes: 20 * KIB, share: 0.25 },
  callsHeld: { bytes: 30 * KIB, share: 0.25 },
  recordsKept: { bytes: 5 * KIB, share: 0.25 },
  // An ended call is kept for 32 seconds, to answer copies of its messages.
  callsPerSecond: { bytes: 32 * 4 * KIB, share: 0.25 },
} as const;

const EVENT_LOOP_DELAY_MS = 300;

const MOST = 1_000_000;
const count = (what: string) => {
  const expected = `${what}, an integer from 1 to ${MOST}`;
  return z.int(expected).min(1, expected).max(MOST, expected).optional();
};
const delay = 'milliseconds, an integer from 20 to 60000';

/** The keys of `limits` in the configuration. */
export const limits = z.strictObject(
  {
    callsPerSecond: count('calls in a second'),
    callsPerSecondPerAgent: count('calls in a second'),
    callsInSetup: count('calls'),
    callsHeld: count('calls'),
    recordsKept: count('calls'),
    eventLoopDelayMs: z.int(delay).min(20, delay).max(60_000, delay).optional(),
  },
  'an object of limits',
);

/** The given limits; the others follow from the size of the heap. One agent gets half of the calls per second. */
export function withDefaults(
  given: z.output<typeof limits>,
  heapBytes: number = getHeapStatistics().heap_size_limit,
): Limits {
  const shared = Math.max(LEAST_SHARED_BYTES, heapBytes - OWN_BYTES);
  const roomFor = (key: keyof typeof COSTS): number =>
    Math.min(MOST, Math.floor((shared * COSTS[key].share) / COSTS[key].bytes));
  const callsPerSecond = given.callsPerSecond ?? roomFor('callsPerSecond');
  return {
    callsPerSecond,
    callsPerSecondPerAgent: given.callsPerSecondPerAgent ?? Math.ceil(callsPerSecond / 2),
    callsInSetup: given.callsInSetup ?? roomFor('callsInSetup'),
    callsHeld: given.callsHeld ?? roomFor('callsHeld'),
    recordsKept: given.recordsKept ?? roomFor('recordsKept'),
    eventLoopDelayMs: given.eventLoopDelayMs ?? EVENT_LOOP_DELAY_MS,
  };
}
