import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from '../../support/cluster/redis.js';
import { send } from '../../support/cluster/service.js';
import { TcpRelay } from '../../support/cluster/tcp-relay.js';
import { Telephones } from '../../support/cluster/telephones.js';
import { type Container, startContainer } from '../../support/container.js';
import { freePorts } from '../../support/ports.js';

const RIGHT_TIMEOUT_MS = 90_000;
const POLL_MS = 50;

/** One node at its addresses, which outlive it, and its way to Redis. */
export class SoakNode {
  #container: Container | undefined;
  /** Those that have died among them. */
  readonly #containers: Container[] = [];

  constructor(
    private readonly settings: Readonly<Record<string, unknown>>,
    readonly wayToRedis: TcpRelay,
  ) {}

  get container(): Container {
    if (!this.#container) throw new Error('The node was not started');
    return this.#container;
  }

  async start(): Promise<void> {
    this.#container = await startContainer(this.settings);
    this.#containers.push(this.#container);
  }

  get logLines(): string[] {
    return this.#containers.flatMap((each) => each.logLines().map((line) => `${each.sipPort} ${line}`));
  }

  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.container.pid, signal);
  }

  /** Clears away what is left after a `SIGKILL`. */
  async bury(): Promise<void> {
    await this.container.stop().catch(() => undefined);
  }
}

/** Nodes that can be disturbed, the Redis between them, and telephones. */
export class NodesRig {
  /** Redis has come back empty. */
  hasLostRedis = false;

  private constructor(
    readonly redis: Redis,
    readonly phones: Telephones,
    readonly nodes: readonly SoakNode[],
  ) {}

  static async open(count: number): Promise<NodesRig> {
    const redis = await Redis.startLasting();
    const phones = await Telephones.open();
    const nodes = await Promise.all(
      Array.from({ length: count }, async () => {
        const way = await TcpRelay.open(redis.port);
        const ports = { httpPort: await freePorts(), sipPort: await freePorts() };
        const settings = {
          ...ports,
          redis: `redis://127.0.0.1:${way.port}`,
          sipProxy: phones.uri,
          limits: { eventLoopDelayMs: 60_000 },
        };
        return new SoakNode(settings, way);
      }),
    );
    await Promise.all(nodes.map(async (node) => node.start()));
    return new NodesRig(redis, phones, nodes);
  }

  /** Waits until every node is there, and Redis has all that it knows. @throws Error when that takes longer than 90 s */
  async whenRight(): Promise<void> {
    const endsAtMs = performance.now() + RIGHT_TIMEOUT_MS;
    for (const node of this.nodes) {
      const { container } = node;
      let seen = '';
      while (seen !== 'pass') {
        seen = await redisCheck(container).catch(String);
        if (performance.now() > endsAtMs)
          throw new Error(
            `the node at ${container.url} is not right again: ${seen}\n${node.logLines.slice(-50).join('\n')}`,
          );
        await delay(POLL_MS);
      }
    }
  }

  /** What the nodes have logged of the calls whose ids are in a text. */
  logOf(text: string): string[] {
    const ids = text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
    return this.nodes.flatMap(({ logLines }) => logLines.filter((line) => ids.some((id) => line.includes(id))));
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map(async (node) => node.bury()));
    await Promise.all(this.nodes.map(async ({ wayToRedis }) => wayToRedis.close()));
    await this.phones.close();
    await this.redis.stop();
  }
}

async function redisCheck(node: Container): Promise<string> {
  const { checks } = (await (await send(node, 'GET', '/readyz')).json()) as {
    readonly checks: Readonly<Record<string, { readonly status: string; readonly output?: string }>>;
  };
  return checks['redis']?.output ?? checks['redis']?.status ?? 'unknown';
}
