import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createClient } from '@redis/client';
import { Redis } from '../test/support/cluster/redis.js';
import type { Benchmark } from './benchmark.js';
import { comparison, type Figure, type FigureText, inTurn, oursAlone } from './figures.js';
import type { Generator } from './load/generator.js';
import { type Sipxrest, startSipxrest } from './peers/sipxrest.js';
import { type Called, Rig } from './rig.js';
import { Stops } from './stops.js';

const perSecond = 200;
const load = { perSecond, calls: perSecond * 5 };
const warmUp = { perSecond, calls: perSecond * 15 };
const flood = { connections: 32, distinct: 100_000, durationMs: 5_000 };
const MS_PER_S = 1_000;
/** Size of a record in Redis, in bytes. */
const RECORD_BYTES = 3_000;
/** No limits: the bench floods as a single user. */
const unlimited = {
  limits: {
    callsPerSecond: 100_000,
    callsPerSecondPerAgent: 100_000,
    callsInSetup: 100_000,
    recordsKept: 1_000_000,
    eventLoopDelayMs: 60_000,
  },
};

const compared: readonly (FigureText & { readonly of: (round: Round) => number })[] = [
  {
    what: `CPU of a Refer call with Redis at ${perSecond} calls/s`,
    unit: 'ms',
    target: { of: 'ratio', most: 1.4 },
    of: ({ cpuMs }) => cpuMs / load.calls,
  },
  {
    what: `POST with Redis at ${perSecond} calls/s, p99`,
    unit: 'ms',
    target: { of: 'ratio', most: 2 },
    of: ({ p99Ms }) => p99Ms,
  },
];

type Round = Called & { readonly cpuMs: number };

/** Cost of Redis for a node, load of a node on Redis, and gain of a second worker. */
export const nodes: Benchmark = async ({ rounds }) => {
  const redis = await Redis.start();
  try {
    return await Rig.use({}, async (rig) => [
      ...(await costs(rig, redis, rounds)),
      ...(await workers(rig, redis, rounds)),
      await benchmarkOf(redis),
    ]);
  } finally {
    await redis.stop();
  }
};

async function costs(rig: Rig, redis: Redis, rounds: number): Promise<Figure[]> {
  const options = { phonePort: rig.phone.port, resultCacheTimeS: 180, settings: { redis: redis.url } };
  const node = await startSipxrest(options);
  try {
    await rig.call(node, warmUp);
    await rig.call(rig.sipxrest, warmUp);
    const redisMs: number[] = [];
    const taken = await inTurn(
      rounds,
      async () => {
        const beforeMs = await cpuMsOf(redis);
        const measured = await round(rig, node);
        redisMs.push(((await cpuMsOf(redis)) - beforeMs) / load.calls);
        return measured;
      },
      () => round(rig, rig.sipxrest),
    );
    return [
      ...compared.map(({ of, ...text }) => comparison(text, 'without Redis', taken.ours.map(of), taken.other.map(of))),
      oursAlone({ what: 'CPU of Redis for a Refer call', unit: 'ms' }, redisMs),
    ];
  } finally {
    await node.stop();
  }
}

async function round(rig: Rig, server: Sipxrest): Promise<Round> {
  const beforeMs = await server.cpuMs();
  const called = await rig.call(server, load);
  return { ...called, cpuMs: (await server.cpuMs()) - beforeMs };
}

async function workers(rig: Rig, redis: Redis, rounds: number): Promise<Figure[]> {
  const stops = new Stops();
  try {
    const settings = { redis: redis.url, ...unlimited };
    const start = async (count: number): Promise<Sipxrest> =>
      stops.add(startSipxrest({ phonePort: rig.phone.port, resultCacheTimeS: 1, settings, workers: count }));
    const [one, two] = [await start(1), await start(2)];
    const taken = await inTurn(
      rounds,
      () => placedPerSecond(rig.generator, two),
      () => placedPerSecond(rig.generator, one),
    );
    const text = { what: 'Refer calls placed by 2 workers', unit: 'a second' };
    return [comparison(text, '1 worker', taken.ours, taken.other)];
  } finally {
    await stops.stop();
  }
}

async function placedPerSecond(generator: Generator, { httpPort, placeCall }: Sipxrest): Promise<number> {
  const { answered, failed, seconds } = await generator.flood({ port: httpPort, request: placeCall, ...flood });
  return (answered - failed) / seconds;
}

/** Capacity of Redis for writes of the size of a record, by its own benchmark. */
async function benchmarkOf(redis: Redis): Promise<Figure> {
  const test = ['-t', 'set', '-d', String(RECORD_BYTES), '-n', '100000', '-q', '--csv'];
  const { stdout } = await promisify(execFile)('redis-benchmark', ['-p', String(redis.port), ...test]);
  const [, rate] = /^"SET[^"]*","([\d.]+)"/m.exec(stdout) ?? [];
  return oursAlone({ what: `redis-benchmark, SET of ${RECORD_BYTES} bytes`, unit: 'a second' }, [Number(rate)]);
}

/** CPU time of Redis so far. */
async function cpuMsOf(redis: Redis): Promise<number> {
  const client = createClient({ url: redis.url });
  await client.connect();
  try {
    const info = await client.info('cpu');
    const seconds = [...info.matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].map(([, value]) => Number(value));
    return seconds.reduce((sum, value) => sum + value, 0) * MS_PER_S;
  } finally {
    client.destroy();
  }
}
