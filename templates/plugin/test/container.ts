import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Container {
  /** Without a slash at the end. */
  readonly url: string;
  stop(): Promise<void>;
}

const sipxrest = fileURLToPath(new URL('dist/container/main.js', import.meta.resolve('sipxrest/package.json')));

/** Starts a container with this plugin in it, on free ports. What it logs shows on standard error. */
export async function startContainer(): Promise<Container> {
  const child = spawn(process.execPath, [sipxrest, 'start', '--config', 'dev/sipxrest.json'], {
    env: { ...process.env, SIPXREST_HTTP_PORT: '0', SIPXREST_SIP_PORT: '0', SIPXREST_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const ended = exit.then(() => Promise.reject(new Error('The container ended before it was ready')));
  const [readyLine] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  const { http } = JSON.parse(readyLine) as { http: number };
  return {
    url: `http://127.0.0.1:${http}`,
    stop: async () => {
      child.kill();
      await exit;
    },
  };
}
