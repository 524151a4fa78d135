import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Benchmark } from './benchmark.js';
import { comparison, KIB, oursAlone } from './figures.js';
import type { Container } from '../test/support/container.js';
import type { Server } from './peers/server.js';
import { type Load, Rig } from './rig.js';

const totalCalls = 10_000;
const perSecond = 300;
/** A fifth of the default: what SIP must remember of a call that is over is forgotten 64*T1 later. */
const sipT1Ms = 100;
const forgetsMs = 64 * sipT1Ms;
/** Kamailio forgets a transaction after 5 s. */
const kamailioForgetsMs = 7_000;
const timeoutMs = 180_000;
const pollMs = 100;

const diagnostics = z.object({
  sip: z.object({ userAgentCores: z.number() }),
  caches: z.record(z.string(), z.number()),
});

/** What the record of a call takes that is over, and what 10,000 calls leave when their records have expired. */
export const heapAfterCalls: Benchmark = ({ rounds }) => {
  const load = { perSecond, calls: Math.ceil(totalCalls / rounds) };
  const calls = load.calls * rounds;
  // Longer than the rounds take, so that no record expires before the last is measured.
  const resultCacheTimeS = Math.ceil((calls / perSecond + (rounds * forgetsMs) / 1000) * 1.3);
  const options = { sipxrest: { resultCacheTimeS, settings: { sipT1Ms } } };
  return Rig.use(options, async (rig) => {
    const { sipxrest, kamailio } = rig;
    await rig.call({ ...sipxrest, placeCall: withCacheTime(sipxrest.placeCall, 1) }, load);
    await forgotten(sipxrest.container, 0);

    const before = await sipxrest.liveBytes();
    const live = [before];
    for (let round = 1; round <= rounds; round++) {
      await complete(rig, sipxrest, load);
      await forgotten(sipxrest.container, round * load.calls);
      live.push(await sipxrest.liveBytes());
    }
    const records = live.slice(1).map((bytes, round) => (bytes - (live[round] ?? 0)) / load.calls / KIB);

    const other = await leftByKamailio(rig, kamailio, load, rounds);
    await forgotten(sipxrest.container, 0);
    const left = ((await sipxrest.liveBytes()) - before) / calls / KIB;
    const what = `memory left by each of ${calls.toLocaleString('en')} calls`;
    return [
      oursAlone({ what: 'memory of a record of 6 entries', unit: 'KiB', target: { of: 'ours', most: 2 } }, records),
      comparison({ what, unit: 'KiB', target: { of: 'ours', most: 0.05 } }, kamailio.name, [left], [other]),
    ];
  });
};

async function leftByKamailio(rig: Rig, kamailio: Server, load: Load, rounds: number) {
  await complete(rig, kamailio, load);
  await delay(kamailioForgetsMs);
  const before = await kamailio.liveBytes();
  for (let round = 0; round < rounds; round++) await complete(rig, kamailio, load);
  await delay(kamailioForgetsMs);
  return ((await kamailio.liveBytes()) - before) / (load.calls * rounds) / KIB;
}

async function complete(rig: Rig, server: Server, load: Load): Promise<void> {
  const { completed } = await rig.call(server, load);
  if (completed < load.calls) throw new Error(`Only ${completed} of ${load.calls} calls were completed`);
}

function withCacheTime(placeCall: string, seconds: number): string {
  return placeCall.replace(/resultCacheTime=\d+/, `resultCacheTime=${seconds}`);
}

/** Waits until no call is left in SIP, and so many records. */
async function forgotten(container: Container, records: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const { sip, caches } = diagnostics.parse(await (await container.get('/diagnostics')).json());
    const kept = Object.values(caches).reduce((total, entries) => total + entries, 0);
    if (sip.userAgentCores === 0 && kept === records) return;
    if (performance.now() > deadlineMs) throw new Error(`${kept} records are left where ${records} are expected`);
    await delay(pollMs);
  }
}
