import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { ConfigurationError } from '../config/errors.js';
import type { Settings } from '../config/settings.js';
import type { Ports } from '../container.js';
import { UsageError } from './command.js';
import { stopSignal } from './stop-signal.js';

const MAX_WORKERS = 64;
/** Index of a worker; set by the process that starts the workers, not by users. */
const INDEX = 'NODE_SIPXREST_WORKER';
/** Shortest time between two starts of a worker. */
const RESTART_DELAY_MS = 1_000;

/** Which worker this process is, 0 for the first; undefined: none. */
export const workerIndex = cluster.isWorker ? Number(process.env[INDEX]) : undefined;

/** The settings of this worker: the SIP ports of the first are those of the configuration, and each has the next. */
export function workerSettings(settings: Settings): Settings {
  if (workerIndex === undefined) return settings;
  const { sipPort, sipTlsPort } = settings;
  const own = (port: number): number => (port === 0 ? 0 : port + workerIndex);
  return { ...settings, sipPort: own(sipPort), sipTlsPort: own(sipTlsPort), isWorker: true };
}

/** Reports that the container is ready, on standard output or to the process that started this worker. */
export function tellReady(ports: Ports): void {
  if (workerIndex === undefined) process.stdout.write(`${JSON.stringify({ ready: true, ...ports })}\n`);
  else process.send?.(ports, undefined, undefined, () => process.channel?.unref());
}

/**
 * Runs so many containers as processes of this machine, which share the ports of HTTP, until SIGINT or SIGTERM. A worker that ends
 * otherwise is started again at its SIP port, and takes its calls back. SIGHUP is passed on.
 * @returns the exit code
 * @throws UsageError on an invalid number
 */
export async function runWorkers(text: string, settings: Settings): Promise<number> {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_WORKERS) throw new UsageError(`--workers must be a number from 1 to ${MAX_WORKERS}`);
  if (!settings.redis) throw noRedis(settings);
  const workers = Array.from({ length: count }, (_, index) => new WorkerProcess(index));
  const stopped = stopSignal();
  process.on('SIGHUP', () => {
    for (const worker of workers) worker.signal('SIGHUP');
  });
  const failed = Promise.race(workers.map(async (worker) => worker.failed));
  const ready = Promise.all(workers.map(async (worker) => worker.start()));
  const ports = await Promise.race([ready, failed, stopped]);
  if (Array.isArray(ports)) {
    const [first] = ports;
    process.stdout.write(`${JSON.stringify({ ready: true, ...first, workers: ports.map(({ sip }) => ({ sip })) })}\n`);
    await Promise.race([failed, stopped]);
  }
  const codes = await Promise.all(workers.map(async (worker) => worker.stop()));
  return Math.max(...codes);
}

/** The process of one worker, and those that follow it. */
class WorkerProcess {
  /** Settles when the worker cannot be started. */
  readonly failed: Promise<void>;
  #fail: () => void = () => undefined;
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(private readonly index: number) {
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /** @returns the ports, once it is ready */
  async start(): Promise<Ports> {
    const worker = cluster.fork({ [INDEX]: String(this.index) });
    this.#worker = worker;
    let isReady = false;
    worker.once('exit', () => {
      if (this.#isStopping) return;
      if (isReady) this.#timer = setTimeout(() => void this.start(), RESTART_DELAY_MS);
      else this.#fail();
    });
    const [ports] = (await once(worker, 'message')) as [Ports];
    isReady = true;
    return ports;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#worker?.isDead() === false) this.#worker.process.kill(signal);
  }

  /** @returns its exit code */
  async stop(): Promise<number> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (!worker || worker.isDead()) return worker?.process.exitCode ?? 1;
    const exited = once(worker, 'exit');
    this.signal('SIGTERM');
    const [code] = (await exited) as [number | null];
    return code ?? 1;
  }
}

function noRedis({ configFile }: Settings): ConfigurationError {
  const source = configFile ?? 'SIPXREST_REDIS';
  return new ConfigurationError({
    key: 'redis',
    source,
    expected: 'the URL of a Redis, with --workers',
    found: 'nothing',
  });
}
