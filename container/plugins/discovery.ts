import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { checkManifest, type Manifest, pluginNameOf } from './manifest.js';
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
  /** All plugins in the folders, also those that are left out or broken. */
  readonly names: Set<string>;
}

const MAX_MANIFEST_BYTES = 64 * 1024;
/** A path of the container's own. */
const OWN_PREFIX = '/diagnostics';

/**
 * Scans folders for plugins: each subfolder whose package.json has a `sipxrest` object. All manifests are checked, against
 * each other too, before any code is imported.
 *
 * @param isWanted whether the configuration asks for the plugin of this name; one that it leaves out may be broken
 */
export async function discover(folders: readonly string[], isWanted: (name: string) => boolean): Promise<Discovery> {
  const discovery: Discovery = { plugins: [], errors: [], names: new Set() };
  for (const file of (await Promise.all(folders.map(packageFiles))).flat()) {
    const folderName = basename(dirname(file));
    let name = folderName;
    try {
      const content = await readPackage(file, folderName);
      if (!('sipxrest' in content)) continue;
      name = pluginNameOf(content, folderName);
      if (isWanted(name)) discovery.plugins.push(await usablePlugin(name, file, content, discovery.plugins));
    } catch (error) {
      if (isWanted(name)) discovery.errors.push(error instanceof PluginError ? error : unreadable(file, error));
    }
    discovery.names.add(name);
  }
  return discovery;
}

async function packageFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = names.toSorted().map((name) => join(folder, name, 'package.json'));
  const exist = await Promise.all(files.map(isFile));
  return files.filter((_, index) => exist[index]);
}

async function readPackage(file: string, plugin: string): Promise<object> {
  const { size } = await stat(file);
  if (size > MAX_MANIFEST_BYTES) {
    const expected = `${MAX_MANIFEST_BYTES} bytes at the most`;
    throw new PluginError({ plugin, file, key: 'package.json', expected, found: size });
  }
  const content: unknown = parseJson(await readFile(file, 'utf8'), plugin, file);
  return typeof content === 'object' && content !== null ? content : {};
}

function parseJson(text: string, plugin: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PluginError({ plugin, file, key: 'package.json', expected: 'JSON', found: error });
  }
}

async function usablePlugin(
  name: string,
  file: string,
  content: object,
  others: readonly DiscoveredPlugin[],
): Promise<DiscoveredPlugin> {
  const manifest = checkManifest(file, name, content);
  const plugin = { manifest, file, module: await moduleOf(dirname(file), manifest, file) };
  checkUnique(plugin, others);
  return plugin;
}

async function moduleOf(folder: string, manifest: Manifest, file: string): Promise<string> {
  const path = resolve(folder, manifest.main);
  if (path.startsWith(folder + sep) && (await isFile(path))) return path;
  const expected = 'a module inside the plugin’s folder';
  throw new PluginError({ plugin: manifest.name, file, key: 'main', expected, found: manifest.main });
}

function checkUnique({ manifest, file }: DiscoveredPlugin, others: readonly DiscoveredPlugin[]): void {
  const { name, uriPrefix, sipConvergenceName } = manifest;
  const clash = (key: string, found: string, owner: string): PluginError =>
    new PluginError({ plugin: name, file, key, expected: `another than that of ${owner}`, found });
  if (overlap(OWN_PREFIX, uriPrefix)) throw clash('sipxrest.uriPrefix', uriPrefix, 'the container');
  for (const { manifest: other } of others) {
    const owner = `plugin ${other.name}`;
    if (other.name === name) throw clash('name', name, owner);
    if (overlap(other.uriPrefix, uriPrefix)) throw clash('sipxrest.uriPrefix', uriPrefix, owner);
    if (other.sipConvergenceName === sipConvergenceName)
      throw clash('sipxrest.sipConvergenceName', sipConvergenceName, owner);
  }
}

/** Whether one path is the other or lies under it. Like the router, it does not tell capital letters from small ones. */
function overlap(first: string, second: string): boolean {
  const [a, b] = [`${first.toLowerCase()}/`, `${second.toLowerCase()}/`];
  return a.startsWith(b) || b.startsWith(a);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function unreadable(file: string, error: unknown): PluginError {
  const plugin = basename(dirname(file));
  return new PluginError({ plugin, file, key: 'package.json', expected: 'a readable file', found: error });
}
