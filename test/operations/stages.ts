import { type Container, startContainer } from '../support/container.js';
import { Phones } from '../support/phones/phones.js';

/** Stages of calls at the time of SIGTERM. */
export const STAGES = ['caller rings', 'callee rings', 'referred', 'connected', 'on hold', 'transferred'] as const;
export type Stage = (typeof STAGES)[number];

/** State of the telephones after the end of the container. */
export interface StopOutcome {
  /** Number of calls in each stage at the time of SIGTERM. */
  readonly reached: Readonly<Record<Stage, number>>;
  /** Telephones that still ring or are in a call, each with its state. */
  readonly left: readonly string[];
  /** Telephones whose call was ended without a Reason. */
  readonly unexplained: readonly string[];
  /** Milliseconds from the signal to the end of the process. */
  readonly stopMs: number;
}

/** Sends SIGTERM to a container with `count` calls in each stage. */
export async function stopInEveryStage(callsInEach: number): Promise<StopOutcome> {
  const phones = await Phones.open();
  try {
    const sipProxy = `sip:127.0.0.1:${phones.port};lr`;
    const container = await startContainer({ sipProxy, limits: { eventLoopDelayMs: 60_000 }, logLevel: 'warn' });
    const reached = await bringUp(container, phones, callsInEach).catch(async (error: unknown) => {
      await container.stop();
      throw error;
    });
    const startMs = performance.now();
    await container.stop();
    const stopMs = Math.round(performance.now() - startMs);
    const left = phones.all.filter(({ isLeft }) => isLeft).map(({ user, state }) => `${user} is ${state}`);
    const ended = phones.all.filter(({ state }) => state === 'ended' || state === 'cancelled');
    const unexplained = ended.filter(({ reason }) => !reason.startsWith('SIP ;cause=503')).map(({ user }) => user);
    return { reached, left, unexplained, stopMs };
  } finally {
    await phones.close();
  }
}

/** Places the calls, and waits until their telephones are in the right stage. */
async function bringUp(container: Container, phones: Phones, callsInEach: number): Promise<StopOutcome['reached']> {
  const numbers = Array.from({ length: callsInEach }, (_, index) => index);
  const each = (step: (number: number) => Promise<void>): Promise<void[]> =>
    Promise.all(numbers.map(async (n) => step(n)));
  const stateOf = (user: string): string | undefined => phones.of(user)?.state;
  await each(async (n) => place(container, `rings1${n}`, `talks1${n}`, 'Refer'));
  await each(async (n) => place(container, `talks2${n}`, `rings2${n}`, 'Invite'));
  // No NOTIFY about the called party, so that the controller keeps the call.
  await each(async (n) => place(container, `talks3${n}`, `rings3${n}`, 'Refer'));
  for (const stage of [4, 5, 6])
    await each(async (n) => place(container, `talks${stage}${n}`, `talks9${stage}${n}`, 'Invite'));
  const areConnected = (stage: number): boolean =>
    numbers.every((n) => stateOf(`talks${stage}${n}`) === 'talking' && stateOf(`talks9${stage}${n}`) === 'talking');
  await phones.until(() => areConnected(4) && areConnected(5) && areConnected(6));
  await each(async (n) => act(container, `talks5${n}`, `talks95${n}`, 'action=Hold'));
  await each(async (n) => act(container, `talks6${n}`, `talks96${n}`, `action=Transfer&target=rings6${n}`));
  const count = (isThere: (n: number) => boolean): number => numbers.filter(isThere).length;
  const reached = (): StopOutcome['reached'] => ({
    'caller rings': count((n) => stateOf(`rings1${n}`) === 'ringing'),
    'callee rings': count((n) => stateOf(`rings2${n}`) === 'ringing'),
    referred: count((n) => phones.of(`talks3${n}`)?.referrals === 1),
    connected: count((n) => stateOf(`talks4${n}`) === 'talking'),
    'on hold': count((n) => stateOf(`talks5${n}`) === 'talking'),
    transferred: count((n) => stateOf(`rings6${n}`) === 'ringing'),
  });
  await phones.until(() => Object.values(reached()).every((number) => number === callsInEach));
  return reached();
}

async function place(container: Container, caller: string, callee: string, method: string): Promise<void> {
  await act(container, caller, callee, `sipMethod=${method}`);
}

/** Connected is what the telephones are a moment before the controller knows. */
async function act(container: Container, caller: string, callee: string, query: string): Promise<void> {
  for (;;) {
    const { status } = await container.post(`/callcontroller/${caller}/${callee}?agent=user1&${query}`);
    if (status === 200) return;
    if (status !== 406) throw new Error(`${query}: ${status}`);
  }
}
