import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * Loaded into the container by `--import`, for the bench only: SIGUSR2 collects the garbage and says on standard error what is
 * left.
 */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  // What the first run finalises, the second frees.
  collect();
  collect();
  process.stderr.write(`${JSON.stringify({ heapUsedBytes: process.memoryUsage().heapUsed })}\n`);
});
