import type { Benchmark } from './benchmark.js';
import { comparison, type FigureText, inTurn } from './figures.js';
import type { Server } from './peers/server.js';
import { type Called, Rig } from './rig.js';

const perSecond = 300;
const seconds = 5;
const load = { perSecond, calls: perSecond * seconds };
/** Warm-up: compiles the code, and fills both servers with calls that are over but not yet forgotten. */
const warmUp = { perSecond, calls: perSecond * 10 };

const figures: readonly (FigureText & { readonly of: (round: Round) => number })[] = [
  {
    what: `CPU of a Refer call at ${perSecond} calls/s`,
    unit: 'ms',
    target: { of: 'ratio', most: 2 },
    of: ({ cpuMs }) => cpuMs / load.calls,
  },
  {
    what: `Refer calls completed of ${perSecond} calls/s`,
    unit: 'a second',
    target: { of: 'ratio', least: 1 },
    of: ({ completed }) => completed / seconds,
  },
  { what: `POST at ${perSecond} calls/s, p50`, unit: 'ms', of: ({ p50Ms }) => p50Ms },
  {
    what: `POST at ${perSecond} calls/s, p99`,
    unit: 'ms',
    target: { of: 'ratio', most: 3 },
    of: ({ p99Ms }) => p99Ms,
  },
];

type Round = Called & { readonly cpuMs: number };

/** CPU, throughput and latency of Refer calls at a rate that both servers handle easily. */
export const calls: Benchmark = ({ rounds }) =>
  Rig.use({}, async (rig) => {
    await rig.call(rig.sipxrest, warmUp);
    await rig.call(rig.kamailio, warmUp);
    const taken = await inTurn(
      rounds,
      () => round(rig, rig.sipxrest),
      () => round(rig, rig.kamailio),
    );
    return figures.map(({ of, ...text }) =>
      comparison(text, rig.kamailio.name, taken.ours.map(of), taken.other.map(of)),
    );
  });

async function round(rig: Rig, server: Server): Promise<Round> {
  const beforeMs = await server.cpuMs();
  const called = await rig.call(server, load);
  return { ...called, cpuMs: (await server.cpuMs()) - beforeMs };
}
