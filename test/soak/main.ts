import { parseArgs } from 'node:util';
import { soakNodes } from './nodes/soak.js';
import { faultsOf } from './verdict.js';
import { soak } from './soak.js';

/* npm run soak -- --seconds 600 [--seed 7] [--nodes 3 [--rate 5]] */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    nodes: { type: 'string' },
    rate: { type: 'string', default: '5' },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const tell = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

tell(`seed ${seed}`);
const faults =
  values.nodes === undefined ? faultsOf(await soak({ seconds, seed, tell })) : await nodesSoak(values.nodes);
for (const fault of faults) tell(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

async function nodesSoak(count: string): Promise<readonly string[]> {
  const options = { nodes: Number(count), seconds, seed, callsPerSecond: Number(values.rate), tell };
  const { calls, refused, disturbances, faults: found } = await soakNodes(options);
  tell(`${calls} calls accepted, ${refused} refused, ${disturbances} faults, ${found.length} contradictions`);
  return found;
}
