import { setTimeout as delay } from 'node:timers/promises';
import { type Container, startContainer, usersOf } from '../support/container.js';
import { ask, requestText } from '../support/outside/exchange.js';
import { type Part, type Phone } from '../support/phones/phone.js';
import { Phones } from '../support/phones/phones.js';
import { Places } from '../support/places.js';
import { freePorts } from '../support/ports.js';
import { randomFrom } from '../support/random.js';
import { samplesOf } from './samples.js';

export interface RandomCallsOptions {
  readonly calls: number;
  /** The same seed, the same calls. */
  readonly seed: number;
  readonly callsPerSecond: number;
}

/** A line of the log. */
export type Line = Readonly<Record<string, unknown>>;

interface Plan {
  readonly method: 'Refer' | 'Invite';
  readonly caller: Part;
  readonly callee: Part;
  /** Who hangs up an Invite call. */
  readonly end: 'caller' | 'callee';
  readonly way: 'query' | 'form' | 'json';
}

/** A placed call with its planned outcome. */
export interface PlacedCall {
  readonly id: string;
  readonly outcome: Outcome;
}

/** As in the last line of a call; a successful call has no SIP status. */
export interface Outcome {
  readonly method: Plan['method'];
  readonly status: string;
  readonly reason?: string;
  readonly sip?: number;
}

/** Results after all calls and the end of the container. */
export interface RandomCallsRun {
  readonly calls: readonly PlacedCall[];
  readonly lines: readonly Line[];
  /** Texts that must not be in any line. */
  readonly secrets: readonly string[];
  /** Values of the metrics by name and labels, `name{label="value"}`. */
  readonly metrics: ReadonlyMap<string, number>;
  readonly phones: Pick<Phones, 'traffic' | 'all'>;
}

const CALLERS: readonly Part[] = ['talks', 'talks', 'talks', 'talks', 'busy', 'declines', 'absent', 'rings'];
const CALLEES: readonly Part[] = ['talks', 'talks', 'talks', 'busy', 'declines', 'absent'];
const CALLS_AT_A_TIME = 60;
/** Longer than the first retransmission interval, T1 of RFC 3261. */
const QUIET_MS = 700;
const SECRETS = {
  sipPassword: 'seed-sip-password',
  pin: 'seed-pin-of-user',
  conferencePin: 'seedconfpin',
  sinkSecret: `whsec_${Buffer.from('seed-secret-of-the-sink-of-a-call').toString('base64')}`,
  webhookSecret: `whsec_${Buffer.from('seed-secret-of-a-webhook-for-all').toString('base64')}`,
  wrongPin: 'seed-wrong-pin',
  bearer: 'seed-bearer-token',
  digestResponse: 'feedfacefeedfacefeedfacefeedface',
} as const;

/** Places calls with random outcomes, at the log level trace, with secrets in every possible place. */
export async function runRandomCalls(options: RandomCallsOptions): Promise<RandomCallsRun> {
  const phones = await Phones.open({ challenges: true });
  try {
    return await runWith(phones, options);
  } finally {
    await phones.close();
  }
}

async function runWith(phones: Phones, { calls, seed, callsPerSecond }: RandomCallsOptions): Promise<RandomCallsRun> {
  const publicHttpPort = await freePorts();
  const { sipPassword, pin, webhookSecret } = SECRETS;
  const webhooks = [{ url: 'http://127.0.0.1:9/', secret: webhookSecret }];
  const container = await startContainer({
    sipProxy: `sip:127.0.0.1:${phones.port};lr`,
    logLevel: 'trace',
    publicHttpPort,
    // High limits, since the machine may be slow; refusals have a test of their own.
    limits: { eventLoopDelayMs: 60_000 },
    users: usersOf('example.com').map((user) => ({ ...user, sipPassword, pin })),
    plugins: { api: { webhooks, webhookNetworks: ['127.0.0.1/32'] } },
  });
  const placed: PlacedCall[] = [];
  let metrics = new Map<string, number>();
  try {
    await tryToLogIn(publicHttpPort);
    const random = randomFrom(seed);
    const places = new Places(CALLS_AT_A_TIME);
    const startMs = performance.now();
    const running = Array.from({ length: calls }, async (_, number) => {
      const plan = planFrom(random);
      await delay(Math.max(0, (number * 1_000) / callsPerSecond - (performance.now() - startMs)));
      await places.take(async () => void placed.push(await play(container, phones, number, plan)));
    });
    await Promise.all(running);
    metrics = await restingMetrics(container, phones);
  } finally {
    await container.stop();
  }
  const lines = container.logLines().map((line) => JSON.parse(line) as Line);
  return { calls: placed, lines, secrets: [...Object.values(SECRETS), ...phones.digests], metrics, phones };
}

/** The metrics when no message is in flight: neither side has sent one for some time. */
async function restingMetrics(container: Container, phones: Phones): Promise<Map<string, number>> {
  const endsAtMs = performance.now() + 20_000;
  let before = '';
  for (;;) {
    const metrics = samplesOf(await (await container.get('/metrics')).text());
    const now = JSON.stringify([...metrics].filter(([key]) => key.startsWith('sipxrest_sip_')));
    if ((now === before && phones.isQuiet) || performance.now() > endsAtMs) return metrics;
    before = now;
    await delay(QUIET_MS);
  }
}

function planFrom(random: () => number): Plan {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  return {
    method: pick(['Refer', 'Invite']),
    caller: pick(CALLERS),
    callee: pick(CALLEES),
    end: pick(['caller', 'callee']),
    way: pick(['query', 'form', 'json']),
  };
}

/** @returns once the call is over and its telephones are at rest */
async function play(container: Container, phones: Phones, number: number, plan: Plan): Promise<PlacedCall> {
  const [caller, callee] = [`${plan.caller}${number}`, `${plan.callee}${number}`];
  const id = await place(container, caller, callee, plan);
  if (plan.method === 'Invite' && plan.caller === 'talks' && plan.callee === 'talks') {
    await phones.until(() => phones.of(callee)?.state === 'talking' && phones.of(caller)?.state === 'talking');
    await untilCall(container, id, 'connected');
    phones.of(plan.end === 'caller' ? caller : callee)?.hangUp();
  }
  await untilCall(container, id, 'final');
  await phones.until((all) => !all.some((phone) => isOf(phone, number) && phone.isLeft));
  return { id, outcome: outcomeOf(plan) };
}

async function place(container: Container, caller: string, callee: string, plan: Plan): Promise<string> {
  const { conferencePin, sinkSecret } = SECRETS;
  const timeout = plan.caller === 'rings' ? 1 : 30;
  const sink = { url: 'http://127.0.0.1:9/', secret: sinkSecret };
  const order = {
    caller,
    callee,
    agent: 'user1',
    method: plan.method.toLowerCase(),
    timeoutSeconds: timeout,
    conferencePin,
    sink,
  };
  const query = `agent=user1&sipMethod=${plan.method}&timeout=${timeout}`;
  const path = `/callcontroller/${caller}/${callee}`;
  const [url, type, body] =
    plan.way === 'json'
      ? ['/v1/calls', 'application/json', JSON.stringify(order)]
      : plan.way === 'form'
        ? [path, 'application/x-www-form-urlencoded', `${query}&confpin=${conferencePin}`]
        : [`${path}?${query}&confpin=${conferencePin}`, undefined, undefined];
  const headers = { Authorization: `Bearer ${SECRETS.bearer}`, ...(type && { 'Content-Type': type }) };
  const answer = await fetch(container.url + url, { method: 'POST', headers, ...(body && { body }) });
  const text = await answer.text();
  if (answer.status !== 200 && answer.status !== 201) throw new Error(`${url}: ${answer.status} ${text}`);
  return answer.headers.get('Location')?.split('/').at(-1) ?? '';
}

/** Repeats each change of a call until it has taken effect. */
async function untilCall(container: Container, id: string, goal: 'connected' | 'final'): Promise<void> {
  let tag = '';
  for (;;) {
    const answer = await fetch(`${container.url}/v1/calls/${id}`, {
      headers: { Prefer: 'wait=10', 'If-None-Match': tag },
    });
    const text = await answer.text();
    if (answer.status === 304) continue;
    if (answer.status !== 200) throw new Error(`call ${id}: ${answer.status} ${text}`);
    tag = answer.headers.get('ETag') ?? '';
    const call = JSON.parse(text) as { readonly status: string; readonly isFinal: boolean };
    if (call.isFinal || (goal === 'connected' && call.status === 'connected')) return;
  }
}

function isOf({ user }: Phone, number: number): boolean {
  return Number(/\d+$/.exec(user)?.[0]) === number;
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`user1:${password}`).toString('base64')}`;
}

/** Credentials of every kind, right and wrong, at the listener outside. */
async function tryToLogIn(port: number): Promise<void> {
  const { pin, wrongPin, bearer, digestResponse } = SECRETS;
  const digest = `Digest username="user1", realm="example.com", nonce="x", uri="/v1/calls", response="${digestResponse}"`;
  for (const credentials of [basic(pin), basic(wrongPin), `Bearer ${bearer}`, digest])
    await ask(port, requestText('GET', `/v1/calls?pin=${pin}`, [`Authorization: ${credentials}`]));
}

const FAILURES: Readonly<Partial<Record<Part, readonly [what: string, sip: number]>>> = {
  busy: ['Busy', 486],
  declines: ['Failure', 603],
  absent: ['Failure', 404],
  rings: ['NoAnswer', 408],
};

function outcomeOf({ method, caller, callee }: Plan): Outcome {
  for (const [role, part] of [
    ['caller', caller],
    ['callee', callee],
  ] as const) {
    const [what, sip] = FAILURES[part] ?? [];
    if (what !== undefined && sip !== undefined) return { method, status: 'failed', reason: `${role}${what}`, sip };
  }
  return method === 'Refer' ? { method, status: 'connected' } : { method, status: 'disconnected', reason: 'hangUp' };
}
