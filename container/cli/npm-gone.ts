const POLL_MS = 500;

/**
 * Settles when npm, which has started this process, is gone. On SIGTERM `npm start` and `npx sipxrest start` end the shell between them
 * and this process, which gets no signal.
 */
export function npmGone(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    if (process.env['npm_execpath'] === undefined) return;
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve('SIGTERM');
    }, POLL_MS).unref();
  });
}
