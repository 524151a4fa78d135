import { once } from 'node:events';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from './benchmark.js';
import { comparison, inTurn } from './figures.js';
import type { Generator } from './load/generator.js';
import { Rig } from './rig.js';
import { count } from './table.js';

const records = 10_000;
/** Longer than the benchmark takes. */
const resultCacheTimeS = 600;
const durationMs = 1_000;
/** Warm-up until all code is compiled, which takes longer than one would expect. */
const warmUpRounds = 8;
const connections = 16;

const koaRoute = fileURLToPath(new URL('koa-route.js', import.meta.url));

/** GET of records that change with every request, compared with a Koa route that returns a text of the same length. */
export const getOfRecords: Benchmark = ({ rounds }) =>
  Rig.use({ sipxrest: { resultCacheTimeS } }, async (rig) => {
    await rig.complete(rig.sipxrest, records);
    const { showCall, httpPort, container } = rig.sipxrest;
    const document = await (await container.get('/callcontroller/phone000001/user2?agent=user1')).text();
    const koa = fork(koaRoute, [String(document.length)]);
    try {
      const [port]: unknown[] = await once(koa, 'message');
      const ours = () => getsPerSecond(rig.generator, httpPort, showCall);
      const bare = () => getsPerSecond(rig.generator, Number(port), showCall);
      await inTurn(warmUpRounds, ours, bare);
      const taken = await inTurn(rounds, ours, bare);
      const text = { what: `GET with ${count(records)} records`, unit: 'a second' };
      const target = { of: 'ratio', least: 0.6 } as const;
      return [comparison({ ...text, target }, 'a bare Koa route', taken.ours, taken.other)];
    } finally {
      koa.kill();
    }
  });

async function getsPerSecond(generator: Generator, port: number, request: string): Promise<number> {
  const { answered, failed, seconds } = await generator.flood({
    port,
    request,
    distinct: records,
    connections,
    durationMs,
  });
  if (failed > 0) throw new Error(`${failed} requests were not answered with 200`);
  return answered / seconds;
}
