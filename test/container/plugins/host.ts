import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { loadSettings } from '../../../container/config/load.js';
import { Container } from '../../../container/container.js';
import { createLog } from '../../../container/log.js';

const logLine = z.looseObject({ level: z.string(), msg: z.string() });
export type LogLine = z.output<typeof logLine>;

/** A container in this process, on free ports. */
export interface Host {
  readonly url: string;
  readonly httpPort: number;
  readonly sipPort: number;
  readonly lines: readonly LogLine[];
  stop(): Promise<void>;
}

/** Absolute path of a folder in `test/fixtures/plugins`. */
export function pluginFixture(path: string): string {
  return fileURLToPath(new URL(`../../../../test/fixtures/plugins/${path}`, import.meta.url));
}

/**
 * @param settings keys of the configuration file
 * @param env the environment, of which nothing else is seen
 * @param folder the one in which the configuration file lies, by default one of its own
 */
export async function startHost(
  settings: Readonly<Record<string, unknown>> = {},
  env: NodeJS.ProcessEnv = {},
  folder?: string,
): Promise<Host> {
  const lines: LogLine[] = [];
  const log = createLog('debug', { write: (line: string) => lines.push(logLine.parse(JSON.parse(line))) });
  const loaded = folder === undefined ? await inOwnFolder(settings, env) : await load(settings, env, folder);
  const container = await Container.start(loaded, log);
  const { http, sip } = container.ports;
  return { url: `http://127.0.0.1:${http}`, httpPort: http, sipPort: sip, lines, stop: () => container.stop() };
}

async function inOwnFolder(settings: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv) {
  const folder = await mkdtemp(join(tmpdir(), 'sipxrest-'));
  try {
    return await load(settings, env, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function load(settings: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv, folder: string) {
  const users = fileURLToPath(new URL('../../../../test/fixtures/users/users.json', import.meta.url));
  const defaults = { httpPort: 0, webPort: 0, publicHttpPort: 0, sipPort: 0, sipxProxyDomain: 'example.com', users };
  const configFile = join(folder, 'config.json');
  await writeFile(configFile, JSON.stringify({ ...defaults, ...settings }));
  return loadSettings({ configFile, env });
}
