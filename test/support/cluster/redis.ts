import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { freePorts } from '../ports.js';
import { Program } from '../process.js';

const startTimeoutMs = 10_000;
const writeTimeoutMs = 5_000;
const pollMs = 25;

/** The server's setting for its port, with or without TLS. */
type PortSetting = 'port' | 'tls-port';

/** A Redis server in a process of its own. */
export class Redis {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly further: readonly string[],
    private readonly portSetting: PortSetting,
    private program: Program,
  ) {}

  /** @param further settings, as arguments; by default the server keeps its data in memory only */
  static async start(
    further: readonly string[] = ['--appendonly', 'no'],
    portSetting: PortSetting = 'port',
  ): Promise<Redis> {
    const port = await freePorts();
    const folder = await mkdtemp(join(tmpdir(), 'sipxrest-redis-'));
    return new Redis(port, folder, further, portSetting, await run(port, folder, further, portSetting));
  }

  /** Starts a server that keeps its data across a `kill`. */
  static async startLasting(): Promise<Redis> {
    return Redis.start(['--appendonly', 'yes', '--appendfsync', 'no']);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Waits until the server has the snapshot of a connected call. @throws Error after 5 s */
  async whenConnected(callId: string): Promise<void> {
    const client = createClient({ url: this.url });
    await client.connect();
    try {
      const endsAtMs = performance.now() + writeTimeoutMs;
      while ((await client.hExists(`sipxrest:call:${callId}`, 'snapshot')) !== 1) {
        if (performance.now() > endsAtMs) throw new Error(`Redis has no snapshot of the call ${callId}`);
        await delay(pollMs);
      }
    } finally {
      client.destroy();
    }
  }

  /** Kills the server, as a fault would. */
  async kill(): Promise<void> {
    this.program.kill();
    await this.program.stop();
  }

  /** Starts the server again on the same port. */
  async startAgain(): Promise<void> {
    this.program = await run(this.port, this.folder, this.further, this.portSetting);
  }

  /** Removes the stopped server's data from disk. */
  async forget(): Promise<void> {
    await rm(join(this.folder, 'appendonlydir'), { recursive: true, force: true });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.pid, signal);
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function run(
  port: number,
  folder: string,
  further: readonly string[],
  portSetting: PortSetting,
): Promise<Program> {
  const ports = portSetting === 'port' ? [] : ['--port', '0'];
  const args = [
    ...ports,
    `--${portSetting}`,
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    folder,
    ...further,
  ];
  const program = await Program.start('redis-server', { command: 'redis-server', args });
  await program.waitForLine((line) => line.includes('Ready to accept') || undefined, startTimeoutMs, 'ready line');
  return program;
}
