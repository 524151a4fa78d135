import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from '../support/cluster/redis.js';
import { type Container, startContainer } from '../support/container.js';
import { Phones } from '../support/phones/phones.js';
import { Places } from '../support/places.js';

export interface RestartOptions {
  readonly seconds: number;
  readonly callsPerSecond: number;
}

/** Results of clients and telephones after a restart of both nodes under load. */
export interface RestartOutcome {
  /** Calls that a node answered with 200. */
  readonly accepted: number;
  /** Of them, those whose calling telephone never rang. */
  readonly lost: readonly string[];
  /** Telephones that still ring or are in a call with a controller. */
  readonly left: readonly string[];
  /** Answers other than 200 and 503, and requests that no node answered. */
  readonly failures: readonly string[];
  /** Nodes that were restarted. */
  readonly restarts: number;
}

const REQUESTS_AT_A_TIME = 50;
/** Longest time until all telephones are idle. */
const SETTLE_MS = 30_000;

/**
 * Restarts the two nodes of a service one after the other under load. Like a load balancer, sends calls to the other node if one
 * is full, stopping or down.
 */
export async function rollingRestart({ seconds, callsPerSecond }: RestartOptions): Promise<RestartOutcome> {
  const phones = await Phones.open({ answerMs: 100 });
  const redis = await Redis.start();
  const settings = {
    sipProxy: `sip:127.0.0.1:${phones.port};lr`,
    redis: redis.url,
    drainSeconds: 5,
    limits: { eventLoopDelayMs: 60_000 },
    logLevel: 'warn',
  };
  const nodes: Container[] = [];
  try {
    for (let index = 0; index < 2; index++) nodes.push(await startContainer(settings));
    const accepted: string[] = [];
    const failures: string[] = [];
    let restarts = 0;
    const restarting = (async () => {
      for (const index of nodes.keys()) {
        await delay((seconds * 1_000) / (nodes.length + 1));
        await nodes[index]?.stop();
        nodes[index] = await startContainer(settings);
        restarts += 1;
      }
    })();
    const places = new Places(REQUESTS_AT_A_TIME);
    const startMs = performance.now();
    const placing = Array.from({ length: seconds * callsPerSecond }, async (_, number) => {
      await delay((number * 1_000) / callsPerSecond - (performance.now() - startMs));
      const method = number % 2 === 0 ? 'Refer' : 'Invite';
      await places.take(async () => {
        const failure = await placeAtOne(nodes, number, method);
        if (failure === undefined) accepted.push(`talks${number}`);
        else failures.push(failure);
        if (method === 'Invite') phones.after(1_000, () => phones.of(`talks${number}`)?.hangUp());
      });
    });
    await Promise.all([restarting, ...placing]);
    await phones.until((all) => !all.some(({ isLeft }) => isLeft), SETTLE_MS).catch(() => undefined);
    return {
      accepted: accepted.length,
      lost: accepted.filter((user) => phones.of(user) === undefined),
      left: phones.all.filter(({ isLeft }) => isLeft).map(({ user, state }) => `${user} is ${state}`),
      failures,
      restarts,
    };
  } finally {
    await Promise.allSettled(nodes.map(async (node) => node.stop()));
    await redis.stop();
    await phones.close();
  }
}

/** Tries one node, then the other. @returns the errors if neither accepted the call */
async function placeAtOne(nodes: readonly Container[], number: number, method: string): Promise<string | undefined> {
  let last = '';
  const path = `/callcontroller/talks${number}/talks9${number}?agent=user1&sipMethod=${method}`;
  // A restarting node is back within a moment.
  for (let attempt = 0; attempt < 20; attempt++) {
    const node = nodes[(number + attempt) % nodes.length];
    try {
      const status = (await node?.post(path))?.status ?? 0;
      if (status === 200) return undefined;
      last = `${path}: ${status}`;
      if (status !== 503) return last;
    } catch (error) {
      const { cause } = error as { readonly cause?: { readonly code?: string } };
      last = `${path}: ${String(error)} ${cause?.code ?? ''}`;
      // Only without a connection is it certain that the request reached nobody.
      if (cause?.code !== 'ECONNREFUSED') return last;
    }
    await delay(100);
  }
  return last;
}
