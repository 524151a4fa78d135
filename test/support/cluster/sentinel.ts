import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { freePorts } from '../ports.js';
import { Program } from '../process.js';
import { Redis } from './redis.js';

const NAME = 'calls';
const START_TIMEOUT_MS = 10_000;
const READY_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** A Redis server with a replica, and the Sentinel that promotes the replica. */
export class Sentinel {
  private constructor(
    readonly first: Redis,
    readonly replica: Redis,
    private readonly port: number,
    private readonly program: Program,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Sentinel> {
    const first = await Redis.start();
    const replica = await Redis.start(['--appendonly', 'no', '--replicaof', '127.0.0.1', String(first.port)]);
    const port = await freePorts();
    const folder = await mkdtemp(join(tmpdir(), 'sipxrest-sentinel-'));
    const config = join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor ${NAME} 127.0.0.1 ${first.port} 1`,
      `sentinel down-after-milliseconds ${NAME} 1000`,
      `sentinel failover-timeout ${NAME} 5000`,
    ];
    await writeFile(config, `${lines.join('\n')}\n`);
    const program = await Program.start('redis-sentinel', { command: 'redis-sentinel', args: [config] });
    await program.waitForLine((line) => line.includes('+monitor master') || undefined, START_TIMEOUT_MS, '+monitor');
    const sentinel = new Sentinel(first, replica, port, program, folder);
    await sentinel.#whenReplicaIsKnown();
    return sentinel;
  }

  /** The `redis` setting of a node. */
  get url(): string {
    return `redis+sentinel://127.0.0.1:${this.port}/${NAME}`;
  }

  /** Waits until the replica was promoted. @throws Error after 20 s */
  async whenFailedOver(): Promise<void> {
    await this.program.waitForLine(
      (line) => line.includes('+switch-master') || undefined,
      READY_TIMEOUT_MS,
      '+switch-master',
    );
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await this.replica.stop();
    await this.first.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A Sentinel that does not know the replica yet cannot promote it. */
  async #whenReplicaIsKnown(): Promise<void> {
    const client = createClient({ url: `redis://127.0.0.1:${this.port}`, RESP: 2 });
    await client.connect();
    const endsAtMs = performance.now() + READY_TIMEOUT_MS;
    try {
      for (;;) {
        const replicas = await client.sendCommand<string[][]>(['SENTINEL', 'replicas', NAME]);
        if (replicas.some((fields) => fields.includes('ok'))) return;
        if (performance.now() > endsAtMs) throw new Error(`${this.program.report()}\nthe replica is not known`);
        await delay(POLL_MS);
      }
    } finally {
      client.destroy();
    }
  }
}
