import { setTimeout as delay } from 'node:timers/promises';
import { type Container, startContainer } from '../support/container.js';
import { Places } from '../support/places.js';
import { randomFrom } from '../support/random.js';
import { samplesOf } from './samples.js';
import { SippPhones } from './sipp-phones.js';

export interface SippCallsOptions {
  readonly calls: number;
  /** The same seed, the same calls. */
  readonly seed: number;
  readonly callsPerSecond: number;
}

/** Refer calls with random outcomes, counted by the container and by SIPp. */
export interface SippCallsOutcome {
  /** Calls that SIPp has seen from beginning to end. */
  readonly successful: number;
  /** What was counted: outcomes, messages by direction and method or class, and retransmissions. */
  readonly counts: Readonly<Record<string, number>>;
  /** Counts in which the two differ, each with both values. */
  readonly differences: readonly string[];
}

type Counts = ReadonlyMap<string, number>;

const CALLERS = ['talks', 'talks', 'talks', 'busy', 'declines', 'slow', 'rings'];
const CALLEES = ['talks', 'talks', 'busy'];
const CALLS_AT_A_TIME = 100;
const SETTLE_MS = 30_000;

/** Places calls to telephones of SIPp, and compares the metrics with SIPp's own counts. */
export async function callSipp({ calls, seed, callsPerSecond }: SippCallsOptions): Promise<SippCallsOutcome> {
  const phones = await SippPhones.start();
  try {
    const container = await startContainer({
      sipProxy: `sip:127.0.0.1:${phones.port};lr`,
      limits: { eventLoopDelayMs: 60_000 },
      logLevel: 'warn',
    });
    try {
      const random = randomFrom(seed);
      const pick = (users: readonly string[]): string => users[Math.floor(random() * users.length)] ?? '';
      const places = new Places(CALLS_AT_A_TIME);
      const startMs = performance.now();
      const placing = Array.from({ length: calls }, async (_, number) => {
        const [caller, callee] = [pick(CALLERS), pick(CALLEES)];
        await delay(Math.max(0, (number * 1_000) / callsPerSecond - (performance.now() - startMs)));
        const query = `agent=user1&timeout=${caller === 'rings' ? 1 : 30}`;
        await places.take(async () => {
          const { status } = await container.post(`/callcontroller/${caller}${number}/${callee}${number}?${query}`);
          if (status !== 200) throw new Error(`call ${number}: ${status}`);
        });
      });
      await Promise.all(placing);
      return await settled(container, phones, calls);
    } finally {
      await container.stop();
    }
  } finally {
    await phones.stop();
  }
}

/** Waits until both counts agree, or time is up. */
async function settled(container: Container, phones: SippPhones, calls: number): Promise<SippCallsOutcome> {
  const endsAtMs = performance.now() + SETTLE_MS;
  for (;;) {
    const ours = countsOf(samplesOf(await (await container.get('/metrics')).text()));
    const statistics = await phones.statistics();
    const theirs = sippCounts(statistics, await phones.messages());
    const keys = new Set([...ours.keys(), ...theirs.keys()]);
    const differences = [...keys].flatMap((key) => {
      const [own, other] = [ours.get(key) ?? 0, theirs.get(key) ?? 0];
      return own === other ? [] : [`${key}: ${own}, and ${other} by SIPp`];
    });
    const successful = statistics.get('SuccessfulCall(C)') ?? 0;
    if ((differences.length === 0 && successful === calls) || performance.now() > endsAtMs)
      return { successful, counts: Object.fromEntries(ours), differences };
    await delay(500);
  }
}

/** The container's counts. SIPp does not report the method of a response, so responses are summed over methods. */
function countsOf(samples: Counts): Counts {
  const counts = new Map<string, number>();
  for (const [key, value] of samples) {
    const [, name = ''] = /^sipxrest_(\w+)_total\{/.exec(key) ?? [];
    const label = (of: string): string => new RegExp(`[{,]${of}="([^"]*)"`).exec(key)?.[1] ?? '';
    if (name === 'calls_over') add(counts, `calls ${label('reason')}`, value);
    else if (name === 'sip_requests') add(counts, `${label('direction')} ${label('method')}`, value);
    else if (name === 'sip_responses') add(counts, `${label('direction')} ${label('class')}`, value);
    else if (name === 'sip_retransmissions') add(counts, 'retransmissions', value);
  }
  return counts;
}

/** SIPp's counts under the container's names: messages sent by SIPp are received by the container. */
function sippCounts(statistics: Counts, messages: Counts): Counts {
  const counts = new Map<string, number>();
  for (const outcome of ['connected', 'calleeBusy', 'callerBusy', 'callerFailure', 'callerNoAnswer'])
    add(counts, `calls ${outcome === 'connected' ? 'none' : outcome}`, statistics.get(`${outcome}(C)`) ?? 0);
  for (const [column, value] of messages) {
    const [, place = '', what = '', kind = ''] = /^(\d+)_([A-Z]+|\d{3})_(Recv|Sent|Retrans)$/.exec(column) ?? [];
    if (value === 0 || place === '') continue;
    const isReceived = messages.has(`${place}_${what}_Recv`);
    add(counts, `${isReceived ? 'sent' : 'received'} ${/^\d/.test(what) ? `${what[0]}xx` : what}`, value);
    if (isReceived && kind === 'Retrans') add(counts, 'retransmissions', value);
  }
  return counts;
}

function add(counts: Map<string, number>, key: string, value: number): void {
  counts.set(key, (counts.get(key) ?? 0) + value);
}
