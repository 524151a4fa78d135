import { parseArgs } from 'node:util';
import { faultsOf } from './verdict.js';
import { soak } from './soak.js';

/* npm run soak -- --seconds 600 [--seed 7] */

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const tell = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

tell(`seed ${seed}`);
const faults = faultsOf(await soak({ seconds: Number(values.seconds ?? 60), seed, tell }));
for (const fault of faults) tell(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
