import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type FloodJob, type Job, type Outcome, outcome, type RateJob } from './jobs.js';

const program = fileURLToPath(new URL('main.js', import.meta.url));

/** The load generator: one process for both sides, so that its code is equally warm for both. */
export class Generator {
  readonly #child: ChildProcess = fork(program);

  atRate(job: Omit<RateJob, 'kind'>): Promise<Outcome> {
    return this.#run({ kind: 'rate', ...job });
  }

  flood(job: Omit<FloodJob, 'kind'>): Promise<Outcome> {
    return this.#run({ kind: 'flood', ...job });
  }

  async stop(): Promise<void> {
    if (!this.#child.connected) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  async #run(job: Job): Promise<Outcome> {
    this.#child.send(job);
    const ended = new AbortController();
    const [message]: unknown[] = await Promise.race([
      once(this.#child, 'message', { signal: ended.signal }),
      once(this.#child, 'exit', { signal: ended.signal }).then(() => {
        throw new Error(`The load generator ended: ${this.#child.signalCode ?? `exit code ${this.#child.exitCode}`}`);
      }),
    ]).finally(() => ended.abort());
    return outcome.parse(message);
  }
}
