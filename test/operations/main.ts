import { parseArgs } from 'node:util';
import { burst } from './burst.js';
import { burstBeside } from './burst-beside.js';
import { leaks, unexplainedCalls, untoldCalls, wrongCounters } from './random-calls-verdict.js';
import { runRandomCalls } from './random-calls.js';
import { rollingRestart } from './restart.js';
import { callSipp } from './sipp-calls.js';
import { stopInEveryStage } from './stages.js';

/* npm run operations -- calls|sipp|stop|restart|burst: what docs/operations.md promises, in full size. Prints what was found. */

async function calls(): Promise<unknown> {
  const run = await runRandomCalls({ calls: 2_000, seed: 2_026, callsPerSecond: 50 });
  return {
    calls: run.calls.length,
    lines: run.lines.length,
    leaks: leaks(run),
    untold: untoldCalls(run),
    unexplained: unexplainedCalls(run),
    wrongCounters: wrongCounters(run),
  };
}

const EXPERIMENTS: Readonly<Record<string, () => Promise<unknown>>> = {
  calls,
  sipp: () => callSipp({ calls: 2_000, seed: 2_026, callsPerSecond: 40 }),
  stop: () => stopInEveryStage(50),
  restart: () => rollingRestart({ seconds: 30, callsPerSecond: 20 }),
  burst: async () => ({
    sipxrest: await burst({ posts: 20_000, memoryMiB: 512 }),
    kamailio: await burstBeside({ posts: 20_000 }),
  }),
};

const { positionals } = parseArgs({ allowPositionals: true });
for (const name of positionals.length > 0 ? positionals : Object.keys(EXPERIMENTS)) {
  const experiment = EXPERIMENTS[name];
  if (!experiment) throw new Error(`${name} is none of ${Object.keys(EXPERIMENTS).join(', ')}`);
  process.stdout.write(`${name}: ${JSON.stringify(await experiment(), undefined, 2)}\n`);
}
