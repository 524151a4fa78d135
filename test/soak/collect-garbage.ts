import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * Loaded into the container by `--import`: SIGUSR2 collects the garbage and says on standard output what is left, since the soak has
 * standard error stall.
 */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
let collections = 0;

process.on('SIGUSR2', () => {
  // What the first run finalises, the second frees.
  collect();
  collect();
  collections += 1;
  process.stdout.write(`${JSON.stringify({ collections, heapUsedBytes: process.memoryUsage().heapUsed })}\n`);
});
