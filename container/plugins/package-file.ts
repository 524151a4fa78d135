import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { jsonMistake } from '../config/json.js';
import { PluginError, PluginErrors } from './plugin-error.js';

const MAX_PACKAGE_BYTES = 64 * 1024;

/** The package.json of the folder itself and of each subfolder, where there is one, in the order of their names. */
export async function packageFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = ['.', ...names.toSorted()].map((name) => join(folder, name, 'package.json'));
  const exist = await Promise.all(files.map(isFile));
  return files.filter((_, index) => exist[index]);
}

/**
 * The package.json of an installed npm package: in `node_modules` of one of the folders or of one above it, as Node looks for it.
 * It is not asked of Node itself, since a package need not export its package.json.
 *
 * @param name a package name, which is safe to build a path of
 * @param folders absolute paths, in the order in which they are searched
 */
export async function installedPackageFile(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders.flatMap(withParents)) {
    const file = join(folder, 'node_modules', name, 'package.json');
    if (await isFile(file)) return file;
  }
  return undefined;
}

/** @throws PluginErrors when it is not readable, too long or not JSON */
export async function readPackage(file: string): Promise<object> {
  const problem = { plugin: basename(dirname(file)), file, key: 'package.json' };
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > MAX_PACKAGE_BYTES) throw new Error(`${size} bytes`);
    text = await readFile(file, 'utf8');
  } catch (error) {
    const expected = `a readable file of ${MAX_PACKAGE_BYTES} bytes at the most`;
    throw new PluginErrors([
      new PluginError('SIPXREST_PLUGIN_PACKAGE_UNREADABLE', { ...problem, expected, found: error }),
    ]);
  }
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null ? content : {};
  } catch (error) {
    const found = { ...problem, line: jsonMistake(text)?.line, expected: 'JSON', found: error };
    throw new PluginErrors([new PluginError('SIPXREST_PLUGIN_PACKAGE_NOT_JSON', found)]);
  }
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function withParents(folder: string): string[] {
  const parent = resolve(folder, '..');
  return parent === folder ? [folder] : [folder, ...withParents(parent)];
}
