import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { programPath } from '../../test/support/peers/programs.js';
import { freePorts } from '../../test/support/ports.js';
import { Program } from '../../test/support/process.js';
import { fillIn } from './template.js';

export interface PhoneOptions {
  /** Time from ringing to answering, in milliseconds. */
  readonly ringsMs?: number;
  /** Time until the called party rings, in milliseconds. */
  readonly refersMs?: number;
}

/** SIPp as all called telephones, the same for both sides. */
export interface Phone {
  readonly port: number;
  /**
   * Waits for calls that succeeded from beginning to end.
   * @returns their total number: fewer than `count` if no more arrived for `patienceMs` milliseconds
   */
  completed(count: number, patienceMs: number): Promise<number>;
  stop(): Promise<void>;
}

const startTimeoutMs = 10_000;
const pollMs = 100;

/** Long enough for a BYE that does not wait for the NOTIFY, even on a busy machine. */
const defaultRefersMs = 250;

export async function startPhone({ ringsMs = 0, refersMs = defaultRefersMs }: PhoneOptions = {}): Promise<Phone> {
  const folder = await mkdtemp(join(tmpdir(), 'phone-'));
  const scenario = join(folder, 'phone.xml');
  const statistics = join(folder, 'statistics.csv');
  const port = await freePorts();
  await writeFile(scenario, await fillIn('phone.xml', { RINGS_MS: ringsMs, REFERS_MS: refersMs }));
  const settings = {
    '-sf': scenario,
    '-i': '127.0.0.1',
    '-p': String(port),
    '-cp': String(await freePorts()),
    // The phone's own socket must not lose messages.
    '-buff_size': String(4 * 1024 * 1024),
    // Ignores retransmissions, which occur on a busy machine, instead of ending the call.
    '-default_behaviors': 'none',
    '-stf': statistics,
    '-fd': '1',
  };
  const program = await Program.start('sipp', {
    command: programPath('sipp'),
    args: ['-nostdin', '-trace_stat', ...Object.entries(settings).flat()],
    folder,
  });
  const stop = async () => {
    program.kill();
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const completedSoFar = async () => successfulCalls(await readFile(statistics, 'utf8').catch(() => ''));
  const completed = async (count: number, patienceMs: number) => {
    let found = await completedSoFar();
    let lastChangeMs = performance.now();
    while (found < count && performance.now() - lastChangeMs < patienceMs) {
      await delay(pollMs);
      const now = await completedSoFar();
      if (now > found) lastChangeMs = performance.now();
      found = now;
    }
    return found;
  };
  // SIPp writes once its sockets are open.
  const deadlineMs = performance.now() + startTimeoutMs;
  while (!(await readFile(statistics, 'utf8').catch(() => ''))) {
    if (!program.isRunning || performance.now() > deadlineMs) {
      await stop();
      throw new Error(`${program.report()}\nThe phone did not start`);
    }
    await delay(pollMs);
  }
  return { port, completed, stop };
}

/** SIPp writes a line every second, under a line of titles. */
function successfulCalls(csv: string): number {
  const [titles = '', ...lines] = csv.split('\n').filter((line) => line.endsWith(';'));
  const column = titles.split(';').indexOf('SuccessfulCall(C)');
  return Number(lines.at(-1)?.split(';')[column] ?? 0);
}
