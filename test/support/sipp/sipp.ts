import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { programPath } from '../peers/programs.js';
import { freePorts } from '../ports.js';
import { type LoggedMessage, readMessageLog } from './message-log.js';
import { readScenario, type ScenarioValues } from './scenario.js';

export interface SippOptions {
  /** Name of a file in `test/fixtures/sipp`, without `.xml`; or its parts, see `readScenario`. */
  readonly scenario: string | readonly string[];
  /** Values for the scenario's `{{name}}` places. */
  readonly values?: ScenarioValues;
  /** Number of calls after which SIPp ends; 1 by default. */
  readonly calls?: number;
  /** UDP port on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** Time after which SIPp fails; 20 by default. */
  readonly timeoutS?: number;
  /**
   * Ignores messages that the scenario does not expect, and logs no messages: on a busy machine the retransmissions of RFC 3261 section 17
   * arrive late, and SIPp recognizes a copy of the last message only.
   */
  readonly underLoad?: boolean;
}

/** The outcome of a SIPp. */
export interface SippResult {
  /** 0: every call matched the scenario. Otherwise a call failed, or there was no call. */
  readonly exitCode: number | null;
  /** SIPp's report of messages that do not match the scenario, or an empty text. */
  readonly errors: string;
  readonly messages: readonly LoggedMessage[];
  /** The statistics that SIPp prints when it ends. */
  readonly summary: string;
}

export interface Sipp {
  readonly port: number;
  readonly finished: Promise<SippResult>;
  /** Ends SIPp if it still runs, and removes its files. */
  stop(): Promise<void>;
}

/** Starts a scripted phone, and waits until its port is bound. */
export async function startSipp(options: SippOptions): Promise<Sipp> {
  const port = options.port ?? (await freePorts());
  const folder = await mkdtemp(join(tmpdir(), 'sipp-'));
  const file = (name: string): string => join(folder, name);
  await writeFile(file('scenario.xml'), readScenario(options.scenario, options.values));

  const settings = {
    '-sf': file('scenario.xml'),
    '-i': '127.0.0.1',
    '-p': String(port),
    '-cp': String(await freePorts()),
    '-m': String(options.calls ?? 1),
    '-timeout': `${options.timeoutS ?? 20}s`,
    '-error_file': file('errors'),
    '-message_file': file('messages'),
  };
  const manner = options.underLoad ? ['-default_behaviors', 'all,-abortunexp'] : ['-trace_msg'];
  const child = spawn(
    programPath('sipp'),
    ['-nostdin', '-timeout_error', '-trace_err', ...manner, ...Object.entries(settings).flat()],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));

  const read = (name: string): Promise<string> => readFile(file(name), 'utf8').catch(() => '');
  const finished = once(child, 'close').then(async ([exitCode]: (number | null)[]) => ({
    exitCode: exitCode ?? null,
    errors: await read('errors'),
    messages: readMessageLog(await read('messages')),
    summary: output,
  }));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await finished.catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };

  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  if (!(await isBound(port, running))) {
    await stop();
    throw new Error(`SIPp did not start with the scenario ${String(options.scenario)}: ${output}`);
  }
  return { port, finished, stop };
}

/** Waits until a UDP socket of this host has the port; false if `running` ends first, or after 10 seconds. */
async function isBound(port: number, running: () => boolean): Promise<boolean> {
  const address = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const deadlineMs = Date.now() + 10_000;
  while (running() && Date.now() < deadlineMs) {
    if ((await readFile('/proc/net/udp', 'utf8')).split('\n').some((line) => line.slice(0, 25).includes(address))) {
      return true;
    }
    await delay(5);
  }
  return false;
}
