import type { Benchmark } from './benchmark.js';
import { comparison } from './figures.js';
import type { Server } from './peers/server.js';
import { Rig } from './rig.js';

const steps = [400, 800, 1200];
const targets = [800, 1200];
const warmUp = { perSecond: 300, calls: 1500 };

/** The highest rate at which every requested call succeeds. */
export const capacity: Benchmark = ({ full }) =>
  Rig.use({}, async (rig) => {
    const seconds = full ? 60 : 10;
    const rates = full ? targets : steps;
    await rig.call(rig.sipxrest, warmUp);
    await rig.call(rig.kamailio, warmUp);
    const ours = await highestRate(rig, rig.sipxrest, rates, seconds);
    const other = await highestRate(rig, rig.kamailio, rates, seconds);
    const text = { what: `Refer calls without a loss for ${seconds} s`, unit: 'a second' };
    return [comparison({ ...text, target: { of: 'ours', least: 800 } }, rig.kamailio.name, [ours], [other])];
  });

async function highestRate(rig: Rig, server: Server, rates: readonly number[], seconds: number): Promise<number> {
  let highest = 0;
  for (const perSecond of rates) {
    const calls = perSecond * seconds;
    const { answered, completed } = await rig.call(server, { perSecond, calls });
    if (answered < calls || completed < calls) break;
    highest = perSecond;
  }
  return highest;
}
