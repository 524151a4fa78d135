import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../container/main.js', import.meta.url));
const users = fileURLToPath(new URL('../../../../test/fixtures/users/users.json', import.meta.url));

export interface Finished {
  /** Exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly output: readonly string[];
  readonly errors: readonly string[];
}

/** The `sipxrest` command in a process of its own. */
export interface Command {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** The first line on standard output. Rejects if the command ends without one. */
  readonly firstLine: Promise<string>;
  /** The first matching line on standard output, past or future. Rejects if the command ends without one. */
  line(wanted: RegExp): Promise<string>;
  /** Ends the command if it still runs. */
  kill(): Promise<void>;
}

/** Runs `sipxrest ARGS` without any SIPXREST_ variable. It is killed after 25 s. */
export function sipxrest(...args: string[]): Command {
  return sipxrestIn(process.cwd(), ...args);
}

/** The same in another working directory. */
export function sipxrestIn(folder: string, ...args: string[]): Command {
  return run(folder, args, 'pipe');
}

/** The same with these variables in its environment. */
export function sipxrestWith(env: NodeJS.ProcessEnv, ...args: string[]): Command {
  return run(process.cwd(), args, 'pipe', env);
}

/** The same with standard error at a descriptor. */
export function sipxrestTo(stderr: number, ...args: string[]): Command {
  return run(process.cwd(), args, stderr);
}

function run(folder: string, args: readonly string[], stderr: 'pipe' | number, more: NodeJS.ProcessEnv = {}): Command {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SIPXREST_'));
  const env = { ...Object.fromEntries(own), ...more };
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', stderr],
    timeout: 25_000,
    killSignal: 'SIGKILL',
  });
  const [output, errors]: [string[], string[]] = [[], []];
  const lines = createInterface({ input: child.stdio[1] as Readable }).on('line', (line) => output.push(line));
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const finished = once(child, 'close').then((): Finished => ({
    code: child.exitCode ?? child.signalCode ?? '',
    output,
    errors,
  }));
  const line = (wanted: RegExp): Promise<string> => {
    const found = output.find((each) => wanted.test(each));
    if (found !== undefined) return Promise.resolve(found);
    const coming = new Promise<string>((resolve) => {
      lines.on('line', (each) => {
        if (wanted.test(each)) resolve(each);
      });
    });
    const tooLate = finished.then((result) => Promise.reject(new Error(`it ended: ${JSON.stringify(result)}`)));
    return Promise.race([coming, tooLate]);
  };
  const firstLine = line(/^/);
  firstLine.catch(() => undefined);
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await finished;
  };
  return { pid: child.pid ?? 0, finished, firstLine, line, kill };
}

/** Writes a configuration with free ports and further settings; `remove` deletes the file. */
export async function configuration(
  settings: Readonly<Record<string, unknown>>,
): Promise<{ file: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sipxrest-'));
  const file = join(folder, 'config.json');
  const defaults = {
    drainSeconds: 0,
    httpPort: 0,
    webPort: 0,
    publicHttpPort: 0,
    sipPort: 0,
    sipxProxyDomain: 'example.com',
    users,
  };
  await writeFile(file, JSON.stringify({ ...defaults, ...settings }));
  return { file, remove: () => rm(folder, { recursive: true }) };
}
