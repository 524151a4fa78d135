import { setTimeout as delay } from 'node:timers/promises';
import type { CallInfo } from '../../../sdk/index.js';
import { type Container, type ContainerSettings, startContainer } from '../container.js';
import { freePorts } from '../ports.js';
import { type Relay, type RelayedMessage, startRelay } from '../relay.js';
import { Redis } from './redis.js';

const domain = 'sandbox.test';
const names = ['user1', 'user2', 'user3', 'busy', 'noanswer', 'reject'];
const pollMs = 25;

/** A service of several nodes, its Redis, and the telephones of the sandbox, each in a process of its own. */
export class Service {
  readonly nodes: Container[] = [];

  private constructor(
    readonly redis: Redis,
    private readonly phones: Container,
    private readonly relays: readonly Relay[],
    private readonly settings: ContainerSettings,
  ) {}

  /** @param relayCount number of proxies between the nodes and the telephones; each record-routes */
  static async start(count: number, settings: ContainerSettings = {}, relayCount = 0): Promise<Service> {
    const redis = await Redis.start();
    const port = await freePorts();
    const relays = await startRelays(relayCount, port);
    const sipProxy = `sip:127.0.0.1:${relays[0]?.port ?? port};lr`;
    const users = names.map((userName) => {
      const identity = `${userName}@${domain}`;
      return { userName, displayName: userName, identity, pin: '123', sipPassword: '123' };
    });
    const common = { sipxProxyDomain: domain, sipProxy, users };
    const plugins = { sandbox: { port }, callcontroller: false, api: false, console: false, redirect: false };
    const phones = await startContainer({ ...common, plugins, sipProxy: `sip:127.0.0.1:${port};lr` });
    const service = new Service(redis, phones, relays, { ...common, redis: redis.url, ...settings });
    for (let index = 0; index < count; index++) await service.add();
    return service;
  }

  /** Starts one more node. */
  async add(settings: ContainerSettings = {}): Promise<Container> {
    const node = await startContainer({ ...this.settings, ...settings });
    this.nodes.push(node);
    return node;
  }

  node(index: number): Container {
    const node = this.nodes[index];
    if (!node) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** The requests that a node has sent to the telephones so far, oldest first. Requires a relay. */
  requestsOf(node: Container): RelayedMessage[] {
    const messages = this.relays[0]?.messages ?? [];
    return messages.filter(({ fromPort, kind }) => fromPort === node.sipPort && /^[A-Z]/.test(kind));
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.nodes.map(async (node) => node.stop()));
    await this.phones.stop();
    await Promise.all(this.relays.map(async (relay) => relay.close()));
    await this.redis.stop();
  }
}

/** @returns the relay that the nodes send to */
async function startRelays(count: number, phonesPort: number): Promise<readonly Relay[]> {
  const relays: Relay[] = [];
  for (let next = phonesPort; relays.length < count; next = relays[0]?.port ?? phonesPort) {
    const relay = await startRelay();
    relay.register('*', next);
    relays.unshift(relay);
  }
  return relays;
}

/** Name of a node, as calls show it. */
export function nameOf(node: Container): string {
  return `127.0.0.1:${node.sipPort}`;
}

/** Places a call by `POST /v1/calls`. */
export async function placeCall(node: Container, order: Readonly<Record<string, unknown>>): Promise<CallInfo> {
  const response = await send(node, 'POST', '/v1/calls', order);
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as CallInfo;
}

export async function send(
  node: Container,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(node.url + path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
}

/** Repeats `send` while the node answers 503, because the call is being taken over. @returns the status */
export async function steer(node: Container, method: string, path: string): Promise<number> {
  for (;;) {
    const { status } = await send(node, method, path);
    if (status !== 503) return status;
    await delay(pollMs);
  }
}

/** The call as a node shows it; undefined if the node knows no such call. */
export async function callAt(node: Container, id: string): Promise<CallInfo | undefined> {
  const response = await send(node, 'GET', `/v1/calls/${id}`);
  return response.status === 200 ? ((await response.json()) as CallInfo) : undefined;
}

/** Polls a node until the call is as wanted. @throws Error with the last state of the call */
export async function waitForCall(
  node: Container,
  id: string,
  isWanted: (call: CallInfo) => boolean,
  timeoutMs = 5_000,
): Promise<CallInfo> {
  const endsAtMs = performance.now() + timeoutMs;
  for (;;) {
    const call = await callAt(node, id);
    if (call && isWanted(call)) return call;
    if (performance.now() > endsAtMs) throw new Error(`not as wanted after ${timeoutMs} ms: ${JSON.stringify(call)}`);
    await delay(pollMs);
  }
}
