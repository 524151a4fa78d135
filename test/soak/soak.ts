import { setTimeout as delay } from 'node:timers/promises';
import { randomFrom } from '../support/random.js';
import { SoakRig } from './rig.js';

export interface SoakOptions {
  readonly seconds: number;
  /** The same seed, the same calls and faults. */
  readonly seed: number;
  readonly tell: (line: string) => void;
}

/** What is left after the last call, and the resources used. */
export interface SoakOutcome {
  readonly calls: number;
  readonly faults: number;
  /** Answers that no client may get. */
  readonly failures: readonly string[];
  /** Live objects of calls at the end, by name; should be none. */
  readonly counts: Readonly<Record<string, number>>;
  /** Heap in use after the warm-up and at the end, without calls and after a garbage collection. */
  readonly heapBytes: readonly [first: number, last: number];
  /** Open descriptors at the same times. */
  readonly descriptors: readonly [first: number, last: number];
  readonly hasEnded: boolean;
}

type Random = () => number;

/** Something is asked for each so many milliseconds, and something goes wrong. */
const REQUEST_MS = 100;
const FAULT_MS = 5_000;
/** Longest time for a call to end without its telephones: 64*T1 for each of its last requests, and some more. */
const SETTLE_MS = 60_000;
const STALL_MS = 3_000;
/** Part of the time after which the code is compiled and the log of events is full: what lives on the heap is compared with then. */
const WARM_UP = 1 / 3;

const REQUESTS: readonly ((pair: string) => readonly [method: string, path: string])[] = [
  (pair) => ['POST', `/callcontroller/${pair}?resultCacheTime=5&timeout=10`],
  (pair) => ['POST', `/callcontroller/${pair}?resultCacheTime=5&timeout=10&sipMethod=Invite`],
  (pair) => ['POST', `/callcontroller/${pair}?resultCacheTime=5&timeout=10&sipMethod=Auto`],
  (pair) => ['POST', `/callcontroller/${pair}?action=Hangup`],
  (pair) => ['POST', `/callcontroller/${pair}?action=Hold`],
  (pair) => ['POST', `/callcontroller/${pair}?action=Resume`],
  (pair) => ['GET', `/callcontroller/${pair}`],
  () => ['GET', '/v1/calls?state=all'],
];
const PAIRS = ['user1/user2', 'user2/user1', 'user1/user3', 'user3/user2'];

const FAULTS: Readonly<Record<string, (rig: SoakRig) => Promise<void>>> = {
  'proxy restarted': (rig) => rig.restartProxy(),
  'telephone vanished': (rig) => rig.replacePhone('user1'),
  'other telephone vanished': (rig) => rig.replacePhone('user2'),
  'log stalled': async (rig) => {
    const goOn = rig.stallLog();
    await delay(STALL_MS);
    goOn();
  },
  'users replaced': (rig) => rig.replaceUsers(),
  SIGHUP: async (rig) => void process.kill(rig.container.pid, 'SIGHUP'),
};

/** Places calls between real telephones through a real proxy, with random faults in all of them. */
export async function soak({ seconds, seed, tell }: SoakOptions): Promise<SoakOutcome> {
  const rig = await SoakRig.open();
  try {
    const warmUp = await stretch(rig, { seconds: seconds * WARM_UP, seed, tell });
    const rest = await stretch(rig, { seconds: seconds * (1 - WARM_UP), seed: seed + 2, tell });
    const outcome: SoakOutcome = {
      calls: warmUp.calls + rest.calls,
      faults: warmUp.faults + rest.faults,
      failures: [...warmUp.failures, ...rest.failures],
      counts: rest.counts,
      heapBytes: [warmUp.heapBytes, rest.heapBytes],
      descriptors: [warmUp.descriptors, rest.descriptors],
      hasEnded: !rig.container.isRunning,
    };
    tell(JSON.stringify(outcome));
    return outcome;
  } finally {
    await rig.close();
  }
}

/** Places calls under faults for some time, then measures what is left. */
async function stretch(rig: SoakRig, { seconds, seed, tell }: SoakOptions) {
  const over = AbortSignal.timeout(Math.round(seconds * 1_000));
  const failures: string[] = [];
  const [calls, faults] = await Promise.all([
    placeCalls(rig, randomFrom(seed), over, failures),
    disturb(rig, randomFrom(seed + 1), over, tell),
  ]);
  const counts = await settle(rig);
  const [heapBytes, descriptors] = [await rig.liveBytes(), await rig.descriptors()];
  tell(JSON.stringify({ calls, faults, heapBytes, descriptors }));
  return { calls, faults, failures, counts, heapBytes, descriptors };
}

async function placeCalls(rig: SoakRig, random: Random, over: AbortSignal, failures: string[]): Promise<number> {
  let calls = 0;
  while (!over.aborted) {
    const [method, path] = pick(REQUESTS, random)(pick(PAIRS, random));
    try {
      const { status } = await rig.request(method, path);
      if (status === 200 && method === 'POST' && !path.includes('action=')) calls += 1;
      if (status >= 500 && status !== 503) failures.push(`${method} ${path}: ${status}`);
    } catch (error) {
      failures.push(`${method} ${path}: ${String(error)}`);
    }
    await delay(REQUEST_MS);
  }
  return calls;
}

async function disturb(rig: SoakRig, random: Random, over: AbortSignal, tell: SoakOptions['tell']): Promise<number> {
  let faults = 0;
  for (;;) {
    await delay(FAULT_MS, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return faults;
    const [name, fault] = pick(Object.entries(FAULTS), random);
    tell(name);
    await fault(rig);
    faults += 1;
  }
}

/** Hangs up the remaining calls, and waits until no object of a call is left. */
async function settle(rig: SoakRig): Promise<Readonly<Record<string, number>>> {
  const untilMs = performance.now() + SETTLE_MS;
  for (const pair of PAIRS) await rig.request('POST', `/callcontroller/${pair}?action=Hangup`);
  for (;;) {
    const counts = await rig.counts();
    if (performance.now() > untilMs || Object.values(counts).every((count) => count === 0)) return counts;
    await delay(200);
  }
}

function pick<T>(choices: readonly T[], random: Random): T {
  return choices[Math.floor(random() * choices.length)] as T;
}
