import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { api } from './api.js';
import type { Benchmark } from './benchmark.js';
import { calls } from './calls.js';
import { capacity } from './capacity.js';
import { consolePage } from './console.js';
import { type Figure, KIB } from './figures.js';
import { getOfRecords } from './get.js';
import { heapAfterCalls } from './heap-after-calls.js';
import { heapOfLiveCalls } from './heap-live.js';
import { inviteCalls } from './invite.js';
import { inviteRate } from './invite-rate.js';
import { nodes } from './nodes.js';
import { parser } from './parser.js';
import { table } from './table.js';

const USAGE = `Usage: npm run bench -- [--only NAME] [--rounds N] [--full]

  --only NAME  parser, calls, capacity, get, heapLive, heapAfter, invite, api, inviteRate, console or nodes
  --rounds N   how often each side is measured, 5 by default
  --full       60 s for each rate without a loss instead of 10 s, and 10,000 Invite calls that are held for a minute

The table is Markdown. bench/results.json is written when everything was measured.
`;

const benchmarks: Readonly<Record<string, Benchmark>> = {
  parser,
  calls,
  capacity,
  get: getOfRecords,
  heapLive: heapOfLiveCalls,
  heapAfter: heapAfterCalls,
  invite: inviteCalls,
  api,
  inviteRate,
  console: consolePage,
  nodes,
};

const results = new URL('../../bench/results.json', import.meta.url);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      full: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const rounds = Number(values.rounds);
  const names = values.only === undefined ? Object.keys(benchmarks) : [values.only];
  if (values.help || !Number.isInteger(rounds) || rounds < 1 || names.some((name) => !(name in benchmarks))) {
    process.stderr.write(USAGE);
    return values.help ? 0 : 2;
  }

  const figures: Figure[] = [];
  let failed = 0;
  for (const name of names) {
    process.stderr.write(`${name} …\n`);
    try {
      figures.push(...((await benchmarks[name]?.({ rounds, full: values.full })) ?? []));
    } catch (error) {
      failed += 1;
      process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  const machine = await describeMachine();
  process.stdout.write(
    `\n${table(figures)}\nMachine: ${machine}. Median of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.\n`,
  );
  if (values.only === undefined)
    await writeFile(results, `${JSON.stringify({ machine, rounds, figures }, undefined, 2)}\n`);
  return failed === 0 ? 0 : 1;
}

async function describeMachine(): Promise<string> {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const bufferBytes = Number(await readFile('/proc/sys/net/core/rmem_max', 'utf8'));
  const buffers = `${bufferBytes / KIB} KiB a UDP buffer at most`;
  return `${availableParallelism()} cores of ${model}, ${process.platform}, Node ${process.version}, ${buffers}`;
}

process.exitCode = await main();
