import { readFile } from 'node:fs/promises';
import { startContainer } from '../support/container.js';
import { Phones } from '../support/phones/phones.js';
import { Places } from '../support/places.js';
import { samplesOf } from './samples.js';

export interface BurstOptions {
  readonly posts: number;
  /** Of the container's heap, in MiB. */
  readonly heapMiB: number;
}

/** What a burst of POSTs came to. */
export interface BurstOutcome {
  readonly accepted: number;
  readonly refused: number;
  /** Answers that are none of 200, 429 and 503, and refusals without Retry-After. */
  readonly failures: readonly string[];
  /** Calls that were accepted and are over, as the container counts them. */
  readonly over: number;
  /** Telephones that still ring or believe to be in a call. */
  readonly left: readonly string[];
  /** Most resident memory, in MiB. */
  readonly peakMiB: number;
  /** Of GETs meanwhile, in milliseconds. */
  readonly getP99Ms: number;
}

const POSTS_AT_A_TIME = 200;
const GET_PAUSE_MS = 20;
const SETTLE_MS = 60_000;

/** Places calls as fast as the container takes the requests, with the memory of a small machine. */
export async function burst({ posts, heapMiB }: BurstOptions): Promise<BurstOutcome> {
  const phones = await Phones.open();
  try {
    const settings = { sipProxy: `sip:127.0.0.1:${phones.port};lr`, logLevel: 'warn' };
    const container = await startContainer(settings, { NODE_OPTIONS: `--max-old-space-size=${heapMiB}` });
    const failures: string[] = [];
    const over = new AbortController();
    let [accepted, refused] = [0, 0];
    try {
      const times: number[] = [];
      const getting = (async () => {
        while (!over.signal.aborted) {
          const startMs = performance.now();
          await (await container.get('/callcontroller/talks1/talks91')).text();
          times.push(performance.now() - startMs);
          await new Promise((resolve) => setTimeout(resolve, GET_PAUSE_MS));
        }
      })();
      const places = new Places(POSTS_AT_A_TIME);
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
      await Promise.all(Array.from({ length: posts }, async (_, number) => places.take(() => post(number))));
      await phones.until((all) => !all.some(({ isLeft }) => isLeft), SETTLE_MS).catch(() => undefined);
      const ended = await callsOver(container, accepted);
      over.abort();
      await getting;
      const left = phones.all.filter(({ isLeft }) => isLeft).map(({ user, state }) => `${user} is ${state}`);
      const sorted = times.toSorted((one, other) => one - other);
      const getP99Ms = Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0);
      return { accepted, refused, failures, over: ended, left, peakMiB: await peakOf(container.pid), getP99Ms };
    } finally {
      over.abort();
      await container.stop();
    }
  } finally {
    await phones.close();
  }
}

/** Waits until so many calls have come to their final state. @returns how many have, in the end */
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

/** Most memory that a process has had, in MiB. */
async function peakOf(pid: number): Promise<number> {
  const [, kiB = '0'] = /^VmHWM:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kiB) / 1024);
}
