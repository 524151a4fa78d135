import { setTimeout as delay } from 'node:timers/promises';
import type { CallInfo } from '../../../sdk/index.js';
import { send } from '../../support/cluster/service.js';
import type { Container } from '../../support/container.js';
import type { NodesRig } from './rig.js';

type Random = () => number;

/** Longest duration of a call. */
const TALK_MS = 6_000;
/** How long what is asked may be refused by one node and another: a fault lasts, and then a node has to go on with the call. */
const PATIENCE_MS = 90_000;
/** What a node shows of a call that it knows nothing of. */
const UNKNOWN = 'unknown';
const POLL_MS = 250;
const HOLD_SHARE = 0.3;
const PHONE_SHARE = 0.5;

/** Outcome of an accepted call, as seen by the client. */
export interface History {
  readonly id: string;
  readonly number: number;
  readonly final: CallInfo | undefined;
  readonly problems: readonly string[];
}

/** Places, changes and ends a call, each at a random node. Undefined if the call was not accepted. */
export async function takeCourse(rig: NodesRig, number: number, random: Random): Promise<History | undefined> {
  const order = { caller: `calling${number}`, callee: `called${number}`, agent: 'user1', method: 'invite' };
  const placed = await attempt(() => send(anyNode(rig, random), 'POST', '/v1/calls', order));
  if (placed?.status !== 201) return undefined;
  const { id } = (await placed.json()) as CallInfo;
  const problems: string[] = [];
  await delay(random() * TALK_MS);
  if (random() < HOLD_SHARE) await attempt(() => send(anyNode(rig, random), 'POST', `/v1/calls/${id}/hold`));
  const byPhone = random() < PHONE_SHARE && rig.phones.mayHangUp(`called${number}`);
  if (byPhone) rig.phones.hangUp(`called${number}`);
  else if (!(await hangUp(rig, id, random))) problems.push('cannot be hung up');
  const final = await finalState(rig, id, random);
  if (!final) problems.push('has no final state');
  else problems.push(...(await differences(rig, final)));
  return { id, number, final, problems };
}

/** Ends a call at any node that accepts the request. @returns whether one has */
export async function hangUp(rig: NodesRig, id: string, random: Random): Promise<boolean> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endsAtMs) {
    const response = await attempt(() => send(anyNode(rig, random), 'DELETE', `/v1/calls/${id}`));
    if (response?.status === 202 || response?.status === 200) return true;
    await delay(POLL_MS);
  }
  return false;
}

async function finalState(rig: NodesRig, id: string, random: Random): Promise<CallInfo | undefined> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endsAtMs) {
    const call = await callAt(anyNode(rig, random), id);
    if (call?.isFinal) return call;
    await delay(POLL_MS);
  }
  return undefined;
}

/** Those nodes that answer at all have to show the same. What only Redis still had, and lost, nobody shows. */
async function differences(rig: NodesRig, final: CallInfo): Promise<string[]> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await Promise.all(rig.nodes.map(async ({ container }) => shownAt(container, final.id)));
    const mayBe = new Set([shown(final), undefined, ...(rig.hasLostRedis ? [UNKNOWN] : [])]);
    const different = seen.filter((each) => !mayBe.has(each));
    if (different.length === 0) return [];
    if (performance.now() > endsAtMs) return [`is ${shown(final)} here, there ${different.join()}`];
    await delay(POLL_MS);
  }
}

/** Undefined if the node does not answer, or does not know. */
async function shownAt(node: Container, id: string): Promise<string | undefined> {
  const response = await attempt(() => send(node, 'GET', `/v1/calls/${id}`));
  if (response?.status === 404) return UNKNOWN;
  return response?.status === 200 ? shown((await response.json()) as CallInfo) : undefined;
}

function shown({ status, reason }: CallInfo): string {
  return `${status} ${reason?.code}`;
}

async function callAt(node: Container, id: string): Promise<CallInfo | undefined> {
  const response = await attempt(() => send(node, 'GET', `/v1/calls/${id}`));
  return response?.status === 200 ? ((await response.json()) as CallInfo) : undefined;
}

/** Undefined if the node does not answer. */
async function attempt(act: () => Promise<Response>): Promise<Response | undefined> {
  return act().catch(() => undefined);
}

function anyNode({ nodes }: NodesRig, random: Random): Container {
  const node = nodes[Math.floor(random() * nodes.length)];
  if (!node) throw new Error('There is no node');
  return node.container;
}
