import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { access, cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Container, type ContainerSettings, startContainer } from './container.js';

/** With a slash at the end. */
export const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);
const runTimeoutMs = 240_000;

/** Longer than npm takes to pack and install the project. */
export const installationTimeoutMs = 2 * runTimeoutMs;

/** The project as its users get it: packed, and installed in an otherwise empty folder. */
export interface Installation {
  /** The folder with its `package.json` and `node_modules`. */
  readonly folder: string;
  /** The file that `npx sipxrest` runs there. */
  readonly command: string;
  /**
   * Copies the plugin of `examples/NAME`, builds it against the installed package, and has the package check it.
   * @returns a folder for `pluginDir` with this plugin alone
   * @throws Error with what the compiler or the check says
   */
  example(name: string): Promise<string>;
  /** Starts the installed container; see {@link startContainer}. */
  start(settings?: ContainerSettings, env?: NodeJS.ProcessEnv): Promise<Container>;
}

let shared: Promise<Installation> | undefined;

/**
 * The installation of this test run. Created at its first use, because that takes seconds, and removed at the end.
 * Call this in a `before` with {@link installationTimeoutMs}. Packs the build in `dist`.
 */
export function installation(): Promise<Installation> {
  shared ??= install();
  return shared;
}

/** Runs a program to its end. @returns its standard output @throws Error with all its output if it fails */
export async function runProgram(program: string, args: readonly string[], folder: string): Promise<string> {
  try {
    const { stdout } = await run(program, args, { cwd: folder, timeout: runTimeoutMs });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${basename(program)} ${args.join(' ')} in ${folder}:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Compiles the TypeScript project in a folder with the project's own compiler. @throws Error with what it says */
export async function compile(folder: string): Promise<void> {
  await runProgram(join(projectFolder, 'node_modules/.bin/tsc'), ['-p', folder], folder);
}

async function install(): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'sipxrest-installed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await runProgram(join(projectFolder, '.ci/pack-and-install'), [folder], projectFolder);
  const command = join(folder, 'node_modules/.bin/sipxrest');
  return {
    folder,
    command,
    example: async (name) => {
      const pluginDir = await copyExample(name, folder);
      await runProgram(command, ['check-plugin', join(pluginDir, name)], folder);
      return pluginDir;
    },
    start: (settings, env) => startContainer(settings, env, command),
  };
}

async function copyExample(name: string, folder: string): Promise<string> {
  const source = join(projectFolder, 'examples', name);
  const pluginDir = await mkdtemp(join(folder, `with-${name}-`));
  const plugin = join(pluginDir, name);
  await cp(source, plugin, {
    recursive: true,
    filter: (path) => !['node_modules', 'dist'].includes(basename(path)),
  });
  const isTypeScript = await access(join(plugin, 'tsconfig.json')).then(
    () => true,
    () => false,
  );
  if (isTypeScript) await compile(plugin);
  return pluginDir;
}
