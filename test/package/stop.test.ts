import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { configuration } from '../container/cli/command.js';
import { installation, installationTimeoutMs, projectFolder } from '../support/installation.js';

const limitMs = 60_000;

describe('SIGTERM to npm', function () {
  this.timeout(installationTimeoutMs);

  it('ends the container that npm start runs', async () => {
    expect(await startAndEnd(projectFolder, 'npm', 'start', '--')).to.contain('"msg":"Stopping"');
  });

  it('ends the container that npx sipxrest start runs', async () => {
    const { folder } = await installation();
    expect(await startAndEnd(folder, 'npx', '--no', '--', 'sipxrest', 'start')).to.contain('"msg":"Stopping"');
  });
});

/** Starts the container, ends npm, and waits until nobody holds npm's output any longer, which the container inherits. */
async function startAndEnd(folder: string, program: string, ...args: string[]): Promise<string> {
  const { file, remove } = await configuration({});
  const child = spawn(program, [...args, '--config', file], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close', { signal: AbortSignal.timeout(limitMs) });
  const killGroup = (): void => void process.kill(-(child.pid ?? 0), 'SIGKILL');
  let output = '';
  const read = (chunk: Buffer): void => {
    const wasReady = output.includes('"ready":true');
    output += chunk.toString();
    if (!wasReady && output.includes('"ready":true')) child.kill('SIGTERM');
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  try {
    await closed;
    return output;
  } catch (error) {
    killGroup();
    throw new Error(`${program} left a process behind, or never started one:\n${output}`, { cause: error });
  } finally {
    await remove();
  }
}
