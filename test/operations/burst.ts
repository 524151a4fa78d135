import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startContainer } from '../support/container.js';
import { Phones } from '../support/phones/phones.js';
import { Places } from '../support/places.js';
import { MemoryBound } from './memory-bound.js';
import { samplesOf } from './samples.js';

const GETTER = fileURLToPath(new URL('getter.js', import.meta.url));

export interface BurstOptions {
  readonly posts: number;
  /** Of the container, in MiB: of the kernel where this user may set one, else of its heap, half as much. */
  readonly memoryMiB: number;
}

/** Outcome of a burst of POSTs. */
export interface BurstOutcome {
  readonly accepted: number;
  readonly refused: number;
  /** Answers that are none of 200, 429 and 503, and refusals without Retry-After. */
  readonly failures: readonly string[];
  /** Calls that were accepted and are over, as the container counts them. */
  readonly over: number;
  /** Telephones that still ring or are in a call. */
  readonly left: readonly string[];
  readonly seconds: number;
  /** Memory limit of the container, and how it is enforced. */
  readonly bound: string;
  /** Peak resident memory, in MiB. */
  readonly peakMiB: number;
  /** Latencies of GETs during the burst, 50 a second, in milliseconds. */
  readonly get: { readonly p50Ms: number; readonly p99Ms: number; readonly answers: number };
}

const POSTS_AT_A_TIME = 200;
const SETTLE_MS = 60_000;

/** Places calls as fast as the container accepts the requests, with the memory of a small machine. */
export async function burst({ posts, memoryMiB }: BurstOptions): Promise<BurstOutcome> {
  const group = await MemoryBound.make(memoryMiB);
  const phones = await Phones.open();
  try {
    const settings = { sipProxy: `sip:127.0.0.1:${phones.port};lr`, logLevel: 'warn' };
    const container = group
      ? await group.around(async () => startContainer(settings))
      : await startContainer(settings, { NODE_OPTIONS: `--max-old-space-size=${memoryMiB / 2}` });
    const failures: string[] = [];
    let [accepted, refused] = [0, 0];
    try {
      const getter = fork(GETTER, [`${container.url}/callcontroller/talks1/talks91`], { stdio: 'pipe' });
      const post = async (number: number): Promise<void> => {
        // Each agent has a share of its own.
        const agent = `user${(number % 3) + 1}`;
        const answer = await fetch(`${container.url}/callcontroller/talks${number}/talks9${number}?agent=${agent}`, {
          method: 'POST',
        });
        await answer.text();
        const { status, headers } = answer;
        if (status === 200) accepted += 1;
        else if ((status === 429 || status === 503) && headers.has('Retry-After')) refused += 1;
        else failures.push(`${status}`);
      };
      const startMs = performance.now();
      const places = new Places(POSTS_AT_A_TIME);
      await Promise.all(Array.from({ length: posts }, async (_, number) => places.take(() => post(number))));
      const seconds = Math.round((performance.now() - startMs) / 100) / 10;
      getter.stdin?.end();
      const timesMs = JSON.parse(await text(getter.stdout ?? process.stdin)) as number[];
      await phones.until((all) => !all.some(({ isLeft }) => isLeft), SETTLE_MS).catch(() => undefined);
      const ended = await callsOver(container, accepted);
      const left = phones.all.filter(({ isLeft }) => isLeft).map(({ user, state }) => `${user} is ${state}`);
      const peakMiB = await peakOf(container.pid);
      const bound = group
        ? `${memoryMiB} MiB by the kernel, ${await group.peakMiB()} MiB with caches`
        : `a heap of ${memoryMiB / 2} MiB`;
      return { accepted, refused, failures, over: ended, left, seconds, bound, peakMiB, get: quantiles(timesMs) };
    } finally {
      await container.stop();
    }
  } finally {
    await phones.close();
    await group?.remove();
  }
}

function quantiles(timesMs: readonly number[]): BurstOutcome['get'] {
  const sorted = timesMs.toSorted((one, other) => one - other);
  const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { p50Ms: at(0.5), p99Ms: at(0.99), answers: sorted.length };
}

/** Waits until `count` calls have reached their final state. @returns the number that have */
async function callsOver(container: Awaited<ReturnType<typeof startContainer>>, wanted: number): Promise<number> {
  const endsAtMs = performance.now() + SETTLE_MS;
  for (;;) {
    const samples = samplesOf(await (await container.get('/metrics')).text());
    const over = [...samples].reduce(
      (sum, [key, n]) => sum + (key.startsWith('sipxrest_calls_over_total{') ? n : 0),
      0,
    );
    if (over >= wanted || performance.now() > endsAtMs) return over;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Peak memory of a process, in MiB. */
async function peakOf(pid: number): Promise<number> {
  const [, kiB = '0'] = /^VmHWM:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kiB) / 1024);
}
