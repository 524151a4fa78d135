import { Worker } from 'node:worker_threads';
import { quantile } from '../statistics.js';
import { type Beat, nowMs } from './clock.js';
import { Connection, ConnectionPool } from './connection.js';
import { type FloodJob, job, type Outcome, type RateJob } from './jobs.js';

/* The load generator: a process of its own, so that what it does is not on the account of the bench or of the server. */

/** Time after which an unanswered request counts as lost. */
const PATIENCE_MS = 5_000;

const clock = new Worker(new URL('clock.js', import.meta.url));

process.on('message', (message) => {
  const wanted = job.parse(message);
  const running = wanted.kind === 'rate' ? atRate(wanted) : flood(wanted);
  void running.then((outcome) => process.send?.(outcome));
});
process.once('disconnect', () => process.exit());

function atRate({ port, request, first, count, perSecond }: RateJob): Promise<Outcome> {
  const pool = new ConnectionPool(port);
  const latenciesMs: number[] = [];
  const startMs = nowMs();
  let sent = 0;
  let failed = 0;
  return new Promise((resolve) => {
    const finish = (): void => {
      clock.off('message', tick);
      clearTimeout(patience);
      pool.close();
      resolve(outcomeOf(latenciesMs, count - latenciesMs.length, nowMs() - startMs));
    };
    const patience = setTimeout(finish, (count * 1000) / perSecond + PATIENCE_MS);
    const tick = (dueMs: number): void => {
      pool.send(numbered(request, first + sent++), (status) => {
        if (isSuccess(status)) latenciesMs.push(nowMs() - dueMs);
        else failed += 1;
        if (latenciesMs.length + failed === count) finish();
      });
    };
    clock.on('message', tick);
    clock.postMessage({ count, perSecond } satisfies Beat, []);
  });
}

/** Continues where the last flood ended, so that all calls are requested in turn. */
let asked = 0;

async function flood({ port, request, distinct, connections, durationMs }: FloodJob): Promise<Outcome> {
  const latenciesMs: number[] = [];
  const startMs = nowMs();
  let failed = 0;
  const next = (connection: Connection, done: () => void): void => {
    const sentMs = nowMs();
    if (sentMs - startMs > durationMs) {
      connection.close();
      done();
      return;
    }
    connection.send(numbered(request, asked++ % distinct), (status) => {
      if (isSuccess(status)) latenciesMs.push(nowMs() - sentMs);
      else failed += 1;
      if (!connection.isOpen) done();
    });
  };
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      next(new Connection(port, (idle) => next(idle, resolve)), resolve);
    });
  await Promise.all(Array.from({ length: connections }, one));
  return outcomeOf(latenciesMs, failed, nowMs() - startMs);
}

function isSuccess(status: number): boolean {
  return status === 200 || status === 201;
}

function outcomeOf(latenciesMs: readonly number[], failed: number, elapsedMs: number): Outcome {
  return {
    answered: latenciesMs.length,
    failed,
    seconds: elapsedMs / 1000,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}

function numbered(request: string, number: number): string {
  return request.replaceAll('######', String(number).padStart(6, '0'));
}
