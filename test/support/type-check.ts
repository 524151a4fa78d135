import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The published declarations of this build's SDK. */
export const sdkTypes = fileURLToPath(new URL('../../sdk/', import.meta.url));

/** Compiler options for a plugin outside this project's folder, against this build's SDK. */
export const pluginCompilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  paths: {
    'sipxrest/sdk': [join(sdkTypes, 'index.d.ts')],
    'sipxrest/testing': [join(sdkTypes, '../testing/index.d.ts')],
    koa: [join(root, 'node_modules/@types/koa/index.d.ts')],
    zod: [join(root, 'node_modules/zod/index.d.ts')],
  },
} as const;

/**
 * Runs the project's compiler on a folder's tsconfig.json.
 * @returns the errors, as `line: code`, by file name
 */
export async function compileFolder(folder: string): Promise<Map<string, string[]>> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { cwd: folder }).catch(
    (error: unknown) => error as { readonly stdout: string },
  );
  const found = new Map<string, string[]>();
  for (const [, path = '', line, code] of stdout.matchAll(/^(\S.*?)\((\d+),\d+\): error (TS\d+):/gm)) {
    const file = basename(path);
    found.set(file, [...(found.get(file) ?? []), `${line}: ${code}`]);
  }
  return found;
}

/** Checks the types of files like those of a plugin, without output. @returns as {@link compileFolder} */
export async function checkTypes(paths: readonly string[]): Promise<Map<string, string[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'sipxrest-types-'));
  try {
    const compilerOptions = { ...pluginCompilerOptions, noEmit: true };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: paths }));
    return await compileFolder(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
