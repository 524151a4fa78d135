import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Program } from './process.js';
import { type StatusLine, statusLines } from './status-lines.js';

/** An entry of the user directory. */
export interface DirectoryUser {
  readonly userName: string;
  readonly identity: string;
  readonly displayName?: string;
  readonly aliases?: readonly string[];
  readonly pin?: string;
  readonly sipPassword?: string;
}

/** Settings of the configuration file. Defaults: `example.com`, four users, free ports, no outside listener. */
export type ContainerSettings = Readonly<Record<string, unknown>> & { readonly users?: readonly DirectoryUser[] };

/** A container in a process of its own. */
export interface Container {
  /** URL of the inside listener, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  readonly httpPort: number;
  readonly sipPort: number;
  /** 0 without SIP over TLS. */
  readonly sipTlsPort: number;
  /** The log so far (standard error). */
  logLines(): string[];
  /** Waits until the log has a line with this text. @throws Error after `timeoutMs` milliseconds */
  waitForLog(text: string, timeoutMs: number): Promise<void>;
  get(path: string): Promise<Response>;
  post(path: string): Promise<Response>;
  /** The events of a Refer call that GET shows. */
  statusLines(path: string): Promise<StatusLine[]>;
  /**
   * Polls until the events are as wanted, and returns them.
   * @throws Error with the last answer and the log after `timeoutMs` milliseconds
   */
  waitForStatus(
    path: string,
    isWanted: (events: readonly StatusLine[]) => boolean,
    timeoutMs: number,
  ): Promise<StatusLine[]>;
  /** Numbers of live SIP objects, by name. */
  sipCounts(): Promise<Readonly<Record<string, number>>>;
  /** Stops the container by SIGTERM. @throws Error after 10 s, or if the exit code is not 0 */
  stop(): Promise<void>;
}

/** The `sipxrest` command of this build. */
const builtCommand = fileURLToPath(new URL('../../container/main.js', import.meta.url));
const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;
const requestTimeoutMs = 10_000;
const pollMs = 20;

const domain = 'example.com';
const readyLine = z.object({ ready: z.literal(true), http: z.number(), sip: z.number(), sipTls: z.number() });
const diagnostics = z.object({ sip: z.record(z.string(), z.number()) });

/** user1, user2 and user3 with the PIN and the SIP password 123, and user4 without a password. */
export function usersOf(host: string): DirectoryUser[] {
  const names = ['One', 'Two', 'Three'];
  const users = names.map((name, index): DirectoryUser => {
    const userName = `user${index + 1}`;
    const displayName = `User ${name}`;
    return { userName, identity: `${userName}@${host}`, displayName, pin: '123', sipPassword: '123' };
  });
  return [...users, { userName: 'user4', identity: `user4@${host}`, displayName: 'User Four', pin: '123' }];
}

/**
 * Starts the container; `env` is added to the environment, in which no other SIPXREST_ variable is set.
 * @param command file of the `sipxrest` command, by default that of this build
 * @param further options of `start`
 */
export async function startContainer(
  settings: ContainerSettings = {},
  env: NodeJS.ProcessEnv = {},
  command = builtCommand,
  further: readonly string[] = [],
): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), 'sipxrest-'));
  const { users, ...others } = { sipxProxyDomain: domain, users: usersOf(domain), ...settings };
  const usersFile = join(folder, 'users.json');
  const configFile = join(folder, 'config.json');
  const ports = { ipAddress: '127.0.0.1', httpPort: 0, webPort: 0, publicHttpPort: 0, sipPort: 0, drainSeconds: 0 };
  await writeFile(usersFile, JSON.stringify(users));
  await writeFile(configFile, JSON.stringify({ ...ports, ...others, users: usersFile }));
  const program = await Program.start('container', {
    command: process.execPath,
    args: [command, 'start', '--config', configFile, ...further],
    env: { ...foreignVariables(), ...env },
  });
  const stop = async () => {
    const inTime = await program.stop(stopTimeoutMs);
    await rm(folder, { recursive: true, force: true });
    if (!inTime) throw new Error(`${program.report()}\nthe container did not end within ${stopTimeoutMs} ms`);
    if (program.howItEnded !== 'exit code 0') throw new Error(`${program.report()}\n${program.howItEnded}`);
  };
  try {
    const ready = await program.waitForLine(readReady, startTimeoutMs, 'ready line');
    return container(program, ready, stop);
  } catch (error) {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function container(program: Program, ready: z.output<typeof readyLine>, stop: () => Promise<void>): Container {
  const { http: httpPort, sip: sipPort, sipTls: sipTlsPort } = ready;
  const url = `http://127.0.0.1:${httpPort}`;
  const send = async (method: string, path: string) =>
    await fetch(url + path, { method, signal: AbortSignal.timeout(requestTimeoutMs) });
  const events = async (path: string) => statusLines(await (await send('GET', path)).text());
  return {
    url,
    pid: program.pid,
    httpPort,
    sipPort,
    sipTlsPort,
    logLines: () => [...program.errors],
    waitForLog: async (text, timeoutMs) => {
      await program.waitForLine((line) => line.includes(text) || undefined, timeoutMs, `line with "${text}"`);
    },
    get: async (path) => await send('GET', path),
    post: async (path) => await send('POST', path),
    statusLines: events,
    waitForStatus: async (path, isWanted, timeoutMs) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const found = await events(path);
        if (isWanted(found)) return found;
        if (Date.now() > deadline) {
          const shown = found.map(({ method, statusLine }) => `${method} ${statusLine}`).join('\n');
          throw new Error(`${program.report()}\nstill not as wanted after ${timeoutMs} ms:\n${shown}`);
        }
        await delay(pollMs);
      }
    },
    sipCounts: async () => diagnostics.parse(await (await send('GET', '/diagnostics')).json()).sip,
    stop,
  };
}

function readReady(line: string): z.output<typeof readyLine> | undefined {
  if (!line.startsWith('{"ready"')) return undefined;
  return readyLine.parse(JSON.parse(line));
}

function foreignVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SIPXREST_')));
}
