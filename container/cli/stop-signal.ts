import { npmGone } from './npm-gone.js';

/** npm forwards the Ctrl-C that the terminal has already sent to this process. */
const ECHO_MS = 500;

/** Settles with the first SIGINT or SIGTERM, or with the end of npm; a later signal ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    void npmGone().then(resolve);
    let firstAtMs: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      firstAtMs ??= performance.now();
      if (performance.now() - firstAtMs > ECHO_MS) process.exit(130);
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  });
}
