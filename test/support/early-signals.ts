/*
 * Loaded into the command by `--import`: sends the process SIGHUP and SIGUSR1 as soon as both have a listener, before any module of the
 * command is loaded.
 */

const awaited = new Set<string | symbol>(['SIGHUP', 'SIGUSR1']);

process.on('newListener', (event) => {
  if (!awaited.delete(event) || awaited.size > 0) return;
  // The command loads reflect-metadata first.
  if ('getMetadata' in Reflect) process.stdout.write('too late\n');
  else setImmediate(sendSignals);
});

function sendSignals(): void {
  for (const signal of ['SIGHUP', 'SIGUSR1'] as const) process.kill(process.pid, signal);
  process.stdout.write('signals sent\n');
}
