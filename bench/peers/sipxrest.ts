import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type Container, type ContainerSettings, startContainer } from '../../test/support/container.js';
import { cpuMs } from '../cpu.js';
import type { Server } from './server.js';

export interface Sipxrest extends Server {
  readonly container: Container;
  /** The HTTP request for the record of a call. */
  readonly showCall: string;
}

export interface SipxrestOptions {
  readonly phonePort: number;
  /** Lifetime of records. */
  readonly resultCacheTimeS: number;
  readonly settings?: ContainerSettings;
  /** Number of processes that form one service; by default a single process. */
  readonly workers?: number;
}

const collector = new URL('../collect-garbage.js', import.meta.url);
const collectTimeoutMs = 20_000;
const pollMs = 20;
const collected = z.object({ heapUsedBytes: z.number() });

const packageFile = new URL('../../../package.json', import.meta.url);
const packageJson = z.object({ scripts: z.object({ start: z.string() }) });

/** Starts the container with default settings, and the phone as the proxy of its domain; the bench's own `NODE_OPTIONS` take precedence. */
export async function startSipxrest({
  phonePort,
  resultCacheTimeS,
  settings,
  workers,
}: SipxrestOptions): Promise<Sipxrest> {
  const nodeOptions = await optionsOfStart();
  const container = await startContainer(
    { sipProxy: `sip:127.0.0.1:${phonePort};lr`, logLevel: 'warn', ...settings },
    { NODE_OPTIONS: `${nodeOptions} ${process.env['NODE_OPTIONS'] ?? ''} --import ${fileURLToPath(collector)}` },
    undefined,
    workers === undefined ? [] : ['--workers', String(workers)],
  );
  const path = '/callcontroller/phone######/user2?agent=user1';
  return {
    name: 'sipxrest',
    container,
    httpPort: container.httpPort,
    placeCall: `POST ${path}&resultCacheTime=${resultCacheTimeS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n`,
    showCall: `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
    cpuMs: () => cpuMs(container.pid),
    liveBytes: () => liveBytes(container),
    stop: () => container.stop(),
  };
}

/** The options that `npm start` gives to Node. */
async function optionsOfStart(): Promise<string> {
  const { scripts } = packageJson.parse(JSON.parse(await readFile(packageFile, 'utf8')));
  const options = /^(?:exec )?node (.*) dist\//.exec(scripts.start)?.[1];
  if (!options) throw new Error(`No options of Node in "${scripts.start}"`);
  return options;
}

/** Collects the garbage, and reads the remaining heap from the log. */
async function liveBytes(container: Container): Promise<number> {
  const reports = () => container.logLines().filter((line) => line.startsWith('{"heapUsedBytes"'));
  const before = reports().length;
  process.kill(container.pid, 'SIGUSR2');
  const deadlineMs = performance.now() + collectTimeoutMs;
  while (reports().length === before) {
    if (performance.now() > deadlineMs) throw new Error('The container did not collect its garbage');
    await delay(pollMs);
  }
  return collected.parse(JSON.parse(reports().at(-1) ?? '')).heapUsedBytes;
}
