import { setTimeout as delay } from 'node:timers/promises';
import type { CallInfo } from '../../../sdk/index.js';
import { send } from '../../support/cluster/service.js';
import { randomFrom } from '../../support/random.js';
import { type History, hangUp, takeCourse } from './course.js';
import { disturb } from './faults.js';
import { Reader } from './reader.js';
import { NodesRig } from './rig.js';
import { faultsOf } from './verdict.js';

export interface NodesSoakOptions {
  readonly nodes: number;
  readonly seconds: number;
  /** The same seed, the same faults. */
  readonly seed: number;
  readonly callsPerSecond: number;
  readonly tell: (line: string) => void;
}

export interface NodesSoakOutcome {
  /** Calls that were accepted. */
  readonly calls: number;
  readonly refused: number;
  readonly disturbances: number;
  /** Contradictions between clients, readers and telephones, a line each. */
  readonly faults: readonly string[];
}

/** Longest time until readers get the last event. */
const READ_MS = 15_000;
const POLL_MS = 100;

/** Places calls at all nodes, injects faults into the nodes and their Redis, and compares what everybody saw. */
export async function soakNodes(options: NodesSoakOptions): Promise<NodesSoakOutcome> {
  const { nodes: count, seconds, seed, callsPerSecond, tell } = options;
  const rig = await NodesRig.open(count);
  const over = AbortSignal.timeout(seconds * 1_000);
  const readers = rig.nodes.map((_, first) => {
    let turn = first;
    return new Reader(() => rig.nodes[turn++ % count]?.container.url ?? '');
  });
  try {
    await rig.whenRight();
    const random = randomFrom(seed + 1);
    const [courses, disturbances] = await Promise.all([
      placeCalls(rig, random, over, callsPerSecond),
      disturb(rig, randomFrom(seed), over, tell),
    ]);
    const histories = courses.filter((history) => history !== undefined);
    await endTheRest(rig, random);
    await haveRead(readers, histories);
    const { legs, faults: phoneFaults } = rig.phones;
    const faults = [
      ...faultsOf({ histories, readers, legs, phoneFaults }),
      ...(await liveCalls(rig)).map(({ id }) => `call ${id} is left`),
      ...readers.flatMap(({ resets }, index) => (resets > 0 ? [`reader ${index} was reset ${resets} times`] : [])),
    ];
    for (const line of rig.logOf(faults.join())) tell(line);
    return { calls: histories.length, refused: courses.length - histories.length, disturbances, faults };
  } finally {
    for (const reader of readers) await reader.close();
    await rig.close();
  }
}

async function placeCalls(
  rig: NodesRig,
  random: () => number,
  over: AbortSignal,
  callsPerSecond: number,
): Promise<(History | undefined)[]> {
  const courses: Promise<History | undefined>[] = [];
  while (!over.aborted) {
    courses.push(takeCourse(rig, courses.length, random));
    await delay(1_000 / callsPerSecond);
  }
  return Promise.all(courses);
}

/** Calls that were placed without an answer to the client. */
async function endTheRest(rig: NodesRig, random: () => number): Promise<void> {
  await rig.whenRight();
  for (const { id } of await liveCalls(rig)) await hangUp(rig, id, random);
  const endsAtMs = performance.now() + READ_MS;
  while ((await liveCalls(rig)).length > 0 && performance.now() < endsAtMs) await delay(POLL_MS);
}

async function liveCalls(rig: NodesRig): Promise<CallInfo[]> {
  const lists = rig.nodes.map(async ({ container }) => {
    const response = await send(container, 'GET', '/v1/calls?state=live&limit=100');
    return ((await response.json()) as { readonly items: CallInfo[] }).items;
  });
  return (await Promise.all(lists)).flat();
}

async function haveRead(readers: readonly Reader[], histories: readonly History[]): Promise<void> {
  const endsAtMs = performance.now() + READ_MS;
  const isTold = ({ events }: Reader): boolean =>
    histories.every(({ id }) => events.get(id)?.at(-1)?.data?.call.isFinal === true);
  while (!readers.every(isTold) && performance.now() < endsAtMs) await delay(POLL_MS);
}
