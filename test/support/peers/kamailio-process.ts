import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../process.js';
import { programPath } from './programs.js';

const START_TIMEOUT_MS = 10_000;

export interface KamailioProcess {
  readonly program: Program;
  readonly stop: () => Promise<void>;
}

/**
 * Starts Kamailio in the foreground and waits until its script runs.
 * @param configuration text of kamailio.cfg, which logs `<script>: READY`
 * @param memory megabytes of shared and of private memory
 */
export async function runKamailio(
  configuration: string,
  memory: { readonly shared: number; readonly perProcess: number },
): Promise<KamailioProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'kamailio-'));
  const config = join(folder, 'kamailio.cfg');
  await writeFile(config, configuration);
  const settings = {
    '-f': config,
    '-m': String(memory.shared),
    '-M': String(memory.perProcess),
    '-Y': folder,
    '-w': folder,
    '-P': join(folder, 'pid'),
  };
  const program = await Program.start('kamailio', {
    command: programPath('kamailio'),
    args: ['-DD', '-E', ...Object.entries(settings).flat()],
    folder,
  });
  const stop = async (): Promise<void> => {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await program.waitForLine((line) => line.includes('<script>: READY') || undefined, START_TIMEOUT_MS, 'ready line');
  } catch (error) {
    await stop();
    throw error;
  }
  return { program, stop };
}
