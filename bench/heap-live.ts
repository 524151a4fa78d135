import { setTimeout as delay } from 'node:timers/promises';
import type { Benchmark } from './benchmark.js';
import { comparison, KIB, oursAlone } from './figures.js';
import type { Server } from './peers/server.js';
import { Rig } from './rig.js';

const batch = { perSecond: 250, calls: 500 };
/** From the POST until the telephone rings, or until the REFER is accepted. */
const settleMs = 500;
/** Time for a batch, including garbage collection, on a busy machine. */
const batchMs = 4_000;
const target = { of: 'ours', most: 16 } as const;

/** Memory of a call while its telephone rings, and while the telephone follows the REFER. */
export const heapOfLiveCalls: Benchmark = ({ rounds }) => {
  // The first batch compiles the code. Every call still rings when the last is placed, and is referred when the last one is.
  const ringsMs = (rounds + 1) * batchMs;
  const refersMs = ringsMs + 4 * settleMs;
  return Rig.use({ phone: { ringsMs, refersMs } }, async (rig) => {
    const other = await growths(rig, rig.kamailio, rounds);
    const ours = await growths(rig, rig.sipxrest, rounds);
    const ringing = await rig.sipxrest.liveBytes();
    await delay(ringsMs + settleMs);
    const more = (await rig.sipxrest.liveBytes()) - ringing;
    const referred = ours.map((kib) => kib + more / KIB / (batch.calls * (rounds + 1)));
    return [
      comparison({ what: 'memory of a call that rings', unit: 'KiB', target }, rig.kamailio.name, ours, other),
      oursAlone({ what: 'memory of a call that is referred', unit: 'KiB', target }, referred),
    ];
  });
};

/** Memory growth of each batch of ringing calls, in KiB a call. */
async function growths(rig: Rig, server: Server, rounds: number): Promise<number[]> {
  const live: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const { answered } = await rig.place(server, batch);
    if (answered < batch.calls) throw new Error(`Only ${answered} of ${batch.calls} calls were placed`);
    await delay(settleMs);
    live.push(await server.liveBytes());
  }
  return live.slice(1).map((bytes, round) => (bytes - (live[round] ?? 0)) / KIB / batch.calls);
}
