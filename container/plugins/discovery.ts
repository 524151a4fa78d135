import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { checkManifest, type Manifest } from './manifest.js';
import { PluginError } from './plugin-error.js';

export interface DiscoveredPlugin {
  readonly manifest: Manifest;
  /** Its package.json. */
  readonly file: string;
  /** Absolute path of its module. */
  readonly module: string;
}

export interface Discovery {
  readonly plugins: DiscoveredPlugin[];
  readonly errors: PluginError[];
}

const MAX_MANIFEST_BYTES = 64 * 1024;

/**
 * Scans folders for plugins: each subfolder whose package.json has a `sipxrest` object. All manifests are checked, against
 * each other too, before any code is imported.
 *
 * @param isWanted whether the configuration asks for the plugin of this manifest
 */
export async function discover(
  folders: readonly string[],
  isWanted: (manifest: Manifest) => boolean,
): Promise<Discovery> {
  const discovery: Discovery = { plugins: [], errors: [] };
  for (const file of (await Promise.all(folders.map(packageFiles))).flat()) {
    try {
      const plugin = await readPlugin(file);
      if (!plugin || !isWanted(plugin.manifest)) continue;
      checkUnique(plugin, discovery.plugins);
      discovery.plugins.push(plugin);
    } catch (error) {
      discovery.errors.push(error instanceof PluginError ? error : unreadable(file, error));
    }
  }
  return discovery;
}

async function packageFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = names.toSorted().map((name) => join(folder, name, 'package.json'));
  const exist = await Promise.all(
    files.map((file) =>
      stat(file).then(
        (stats) => stats.isFile(),
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => exist[index]);
}

async function readPlugin(file: string): Promise<DiscoveredPlugin | undefined> {
  const folder = resolve(file, '..');
  const name = basename(folder);
  const { size } = await stat(file);
  if (size > MAX_MANIFEST_BYTES) {
    throw new PluginError({
      plugin: name,
      file,
      key: 'package.json',
      expected: `${MAX_MANIFEST_BYTES} bytes at the most`,
      found: size,
    });
  }
  const content: unknown = parseJson(await readFile(file, 'utf8'), name, file);
  if (typeof content !== 'object' || content === null || !('sipxrest' in content)) return undefined;
  const manifest = checkManifest(file, name, content);
  return { manifest, file, module: await moduleOf(folder, manifest, file) };
}

function parseJson(text: string, plugin: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PluginError({ plugin, file, key: 'package.json', expected: 'JSON', found: error }, error);
  }
}

async function moduleOf(folder: string, manifest: Manifest, file: string): Promise<string> {
  const path = resolve(folder, manifest.main);
  const inside = !relative(folder, path).startsWith('..');
  const exists =
    inside &&
    (await stat(path).then(
      (stats) => stats.isFile(),
      () => false,
    ));
  if (exists) return path;
  throw new PluginError({
    plugin: manifest.name,
    file,
    key: 'main',
    expected: 'a module inside the plugin’s folder',
    found: manifest.main,
  });
}

function checkUnique(plugin: DiscoveredPlugin, others: readonly DiscoveredPlugin[]): void {
  const { manifest, file } = plugin;
  for (const { manifest: other } of others) {
    const clash = (key: string, found: string): PluginError =>
      new PluginError({
        plugin: manifest.name,
        file,
        key,
        expected: `another than that of plugin ${other.name}`,
        found,
      });
    if (other.name === manifest.name) throw clash('name', manifest.name);
    if (overlap(other.uriPrefix, manifest.uriPrefix)) throw clash('sipxrest.uriPrefix', manifest.uriPrefix);
    if (other.sipConvergenceName === manifest.sipConvergenceName)
      throw clash('sipxrest.sipConvergenceName', manifest.sipConvergenceName);
  }
}

function overlap(a: string, b: string): boolean {
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);
}

function unreadable(file: string, error: unknown): PluginError {
  return new PluginError(
    { plugin: basename(resolve(file, '..')), file, key: 'package.json', expected: 'a readable file', found: error },
    error,
  );
}
