import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * Loaded into the container by `--import`, for the bench only: SIGUSR2 collects the garbage and reports the remaining heap on
 * standard error.
 */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  // The second run frees what the first run finalises.
  collect();
  collect();
  process.stderr.write(`${JSON.stringify({ heapUsedBytes: process.memoryUsage().heapUsed })}\n`);
});
