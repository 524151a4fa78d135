#!/usr/bin/env node
/*
 * Takes the signals that would do harm before anything is loaded, so this file has no static import. Before that there is only the start
 * of Node itself, for which Node 20 has no option.
 */

// Node would open a debugger, in which anybody on this host can do everything.
process.on('SIGUSR1', () => undefined);
// It would end the process. The container reads its configuration again, as soon as it runs.
process.on('SIGHUP', () => undefined);

await import('./cli/run.js');
