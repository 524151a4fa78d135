import { setTimeout as delay } from 'node:timers/promises';
import type { NodesRig, SoakNode } from './rig.js';

type Random = () => number;

/** What goes wrong, and lasts for so many milliseconds. */
interface Fault {
  readonly longestMs: number;
  disturb(rig: NodesRig, node: SoakNode, lastsMs: number): Promise<void>;
}

/** Longer than the lease of a node, and than another takes to go on with its calls. */
const LONG_MS = 11_000;

const FAULTS: Readonly<Record<string, Fault>> = {
  'a node dies, and is started again': {
    longestMs: LONG_MS,
    async disturb(_rig, node, lastsMs) {
      node.signal('SIGKILL');
      await node.bury();
      await delay(lastsMs);
      await node.start();
    },
  },
  'a node is stopped': {
    longestMs: LONG_MS,
    async disturb(_rig, node, lastsMs) {
      node.signal('SIGSTOP');
      await delay(lastsMs);
      node.signal('SIGCONT');
    },
  },
  'a node does not see Redis': {
    longestMs: LONG_MS,
    async disturb(_rig, { wayToRedis }, lastsMs) {
      wayToRedis.cut();
      await delay(lastsMs);
      wayToRedis.mend();
    },
  },
  'Redis dies, and is started again': {
    longestMs: 4_000,
    async disturb({ redis }, _node, lastsMs) {
      await redis.kill();
      await delay(lastsMs);
      await redis.startAgain();
    },
  },
  'Redis dies, and comes back empty': {
    longestMs: 4_000,
    async disturb(rig, _node, lastsMs) {
      const { redis } = rig;
      await redis.kill();
      await redis.forget();
      rig.hasLostRedis = true;
      await delay(lastsMs);
      await redis.startAgain();
    },
  },
  'Redis stands still': {
    longestMs: 10_000,
    async disturb({ redis }, _node, lastsMs) {
      redis.signal('SIGSTOP');
      await delay(lastsMs);
      redis.signal('SIGCONT');
    },
  },
};
const PAUSE_MS = 2_000;

/**
 * Injects random faults, each after full recovery from the one before.
 * @returns the number of faults
 * @throws Error if the service does not recover
 */
export async function disturb(
  rig: NodesRig,
  random: Random,
  over: AbortSignal,
  tell: (line: string) => void,
): Promise<number> {
  const all = Object.entries(FAULTS);
  for (let faults = 0; ; faults++) {
    const pauseMs = random() * PAUSE_MS;
    await delay(pauseMs, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return faults;
    // Each kind comes once before any comes twice.
    if (faults % all.length === 0) shuffle(all, random);
    const [name, fault] = all[faults % all.length] as (typeof all)[number];
    const index = Math.floor(random() * rig.nodes.length);
    const lastsMs = Math.round(random() * fault.longestMs);
    tell(`${name} (node ${index}, ${lastsMs} ms)`);
    await fault.disturb(rig, rig.nodes[index] as SoakNode, lastsMs);
    const startedAtMs = performance.now();
    await rig.whenRight();
    tell(`right again after ${Math.round(performance.now() - startedAtMs)} ms`);
  }
}

function shuffle(list: unknown[], random: Random): void {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [list[last], list[other]] = [list[other], list[last]];
  }
}
