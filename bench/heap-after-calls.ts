import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Container } from '../test/support/container.js';
import type { Benchmark } from './benchmark.js';
import { comparison, KIB, oursAlone } from './figures.js';
import type { Server } from './peers/server.js';
import { Rig } from './rig.js';
import { count } from './table.js';

const calls = 10_000;
/** Warm-up calls, until the code is compiled and the memory of that stays constant. */
const warmUpCalls = 4_000;
const callsInRound = 1_000;
/** A fifth of the default, so that the SIP state of ended calls expires sooner: after 64*T1. */
const sipT1Ms = 100;
/** Lifetimes of records: short for calls whose record does not matter, and longer than the benchmark. */
const shortS = 1;
const longS = 3_600;
/** Kamailio forgets a transaction after 5 s. */
const kamailioForgetsMs = 7_000;
const timeoutMs = 60_000;
const pollMs = 100;

const diagnostics = z.object({
  sip: z.object({ userAgentCores: z.number() }),
  caches: z.object({ 'callcontroller.calls': z.number() }),
});

/** Memory that 10,000 calls leave when their records have expired, and memory of a record. */
export const heapAfterCalls: Benchmark = ({ rounds }) =>
  Rig.use({ sipxrest: { resultCacheTimeS: longS, settings: { sipT1Ms } } }, async (rig) => {
    const { sipxrest, kamailio } = rig;
    const passing = { ...sipxrest, placeCall: sipxrest.placeCall.replace(`=${longS}`, `=${shortS}`) };
    const ours = await leftBytes(rig, passing, () => forgotten(sipxrest.container, 0));
    const records = await recordBytes(rig, rounds);
    const other = await leftBytes(rig, kamailio, () => delay(kamailioForgetsMs));

    const what = `memory left by each of ${count(calls)} calls`;
    const target = { of: 'ours', most: 0.05 } as const;
    return [
      oursAlone(
        { what: 'memory of a record of 6 entries', unit: 'KiB', target: { of: 'ours', most: 2 } },
        records.map((bytes) => bytes / KIB),
      ),
      comparison({ what, unit: 'KiB', target }, kamailio.name, [ours / calls / KIB], [other / calls / KIB]),
    ];
  });

/** Bytes that remain after all calls. */
async function leftBytes(rig: Rig, server: Server, untilForgotten: () => Promise<void>): Promise<number> {
  await rig.complete(server, warmUpCalls);
  await untilForgotten();
  const before = await server.liveBytes();
  await rig.complete(server, calls);
  await untilForgotten();
  return (await server.liveBytes()) - before;
}

/** Heap growth of each round in bytes a record, when only the records are left. */
async function recordBytes(rig: Rig, rounds: number): Promise<number[]> {
  const { sipxrest } = rig;
  const live = [await sipxrest.liveBytes()];
  for (let round = 1; round <= rounds; round++) {
    await rig.complete(sipxrest, callsInRound);
    await forgotten(sipxrest.container, round * callsInRound);
    live.push(await sipxrest.liveBytes());
  }
  return live.slice(1).map((bytes, round) => (bytes - (live[round] ?? 0)) / callsInRound);
}

/** Waits until the SIP stack has no call left, and `count` records remain. */
async function forgotten(container: Container, records: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const { sip, caches } = diagnostics.parse(await (await container.get('/diagnostics')).json());
    const kept = caches['callcontroller.calls'];
    if (sip.userAgentCores === 0 && kept === records) return;
    if (performance.now() > deadlineMs) throw new Error(`${kept} records are left where ${records} are expected`);
    await delay(pollMs);
  }
}
