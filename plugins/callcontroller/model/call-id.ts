import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const RANDOM_BYTES = 16;
/** Random bytes of this many ids are drawn at once: a call to the system for each would cost ten times the rest of an id. */
const IDS_AT_ONCE = 256;

const pool = Buffer.alloc(RANDOM_BYTES * IDS_AT_ONCE);
let unused = 0;
let lastMs = 0;
let seq = 0;

/** Id of a new call: a UUIDv7 that sorts behind all that this process has given before (RFC 9562 section 6.2, a counter). */
export function newCallRecordId(): string {
  if (unused === 0) {
    randomFillSync(pool);
    unused = pool.length;
  }
  unused -= RANDOM_BYTES;
  const random = pool.subarray(unused, unused + RANDOM_BYTES);
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    seq = random.readUInt32BE() >>> 1; // half of the counter is left for the calls of this millisecond
  } else {
    seq += 1;
  }
  return v7({ random, msecs: lastMs, seq });
}
