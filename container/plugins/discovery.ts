import { basename, dirname, resolve, sep } from 'node:path';
import { linesInFile } from '../config/files.js';
import type { PluginNames } from '../config/plugins.js';
import type { DiscoveredPlugin } from './discovered-plugin.js';
import { pluginNamesOf, readManifest } from './manifest.js';
import { isFile, packageFilesIn, readPackage } from './package-file.js';
import { PluginError, PluginErrors } from './plugin-error.js';
import { clashes } from './uniqueness.js';

/** Finds plugins and checks their manifests, against each other too, before any code is imported. */
export class Discovery {
  /** Those that are wanted and whose manifests are good, in the order in which they were found. */
  readonly plugins: DiscoveredPlugin[] = [];
  readonly errors: PluginError[] = [];
  /** The names that plugins go by, to the plugin's name; also of those that are left out or broken. */
  readonly #names = new Map<string, string>();

  /** @param isWanted whether the configuration asks for the plugin of these names; one that it leaves out may be broken */
  constructor(private readonly isWanted: (names: PluginNames) => boolean) {}

  /** The name of the plugin that is spoken of by its name or that of its package, if it was found. */
  nameOf(name: string): string | undefined {
    return this.#names.get(name);
  }

  /** All names that plugins go by. */
  get names(): readonly string[] {
    return [...this.#names.keys()];
  }

  /** Takes the folder itself and each subfolder whose package.json has a `sipxrest` object. */
  async scan(folder: string): Promise<void> {
    for (const file of await packageFilesIn(folder)) await this.#take(file, { isPlugin: false });
  }

  /** Takes one package, which is to be a plugin. @param file its package.json */
  async add(file: string): Promise<void> {
    await this.#take(file, { isPlugin: true });
  }

  async #take(file: string, { isPlugin }: { readonly isPlugin: boolean }): Promise<void> {
    const folderName = basename(dirname(file));
    let names = pluginNamesOf({}, folderName);
    try {
      const content = await readPackage(file);
      if (!isPlugin && !('sipxrest' in content)) return;
      names = pluginNamesOf(content, folderName);
      if (this.isWanted(names)) this.plugins.push(await this.#usable(file, names, content));
    } catch (error) {
      if (!(error instanceof PluginErrors)) throw error;
      if (this.isWanted(names)) this.errors.push(...error.errors);
    }
    for (const name of Object.values(names)) this.#names.set(name, names.name);
  }

  async #usable(file: string, names: PluginNames, content: object): Promise<DiscoveredPlugin> {
    const { manifest, main, claims, faults } = readManifest(file, names, content);
    const module = await moduleOf(dirname(file), main);
    const all = [
      ...faults,
      ...(module === undefined && !isNoPlugin(faults) ? [noModule(file, names, main)] : []),
      ...clashes(claims, file, this.plugins),
    ];
    if (manifest && module !== undefined && all.length === 0) return { manifest, file, module };
    throw new PluginErrors(all);
  }
}

/** Where there is no manifest, nothing else is to be expected. */
function isNoPlugin(faults: readonly PluginError[]): boolean {
  return faults.some(({ code }) => code === 'SIPXREST_PLUGIN_NO_MANIFEST');
}

async function moduleOf(folder: string, main: string): Promise<string | undefined> {
  const path = resolve(folder, main);
  return path.startsWith(folder + sep) && (await isFile(path)) ? path : undefined;
}

function noModule(file: string, { name }: PluginNames, main: string): PluginError {
  const expected = 'a module inside the plugin’s folder';
  const problem = { plugin: name, file, line: linesInFile(file)(['main']), key: 'main', expected, found: main };
  return new PluginError('SIPXREST_PLUGIN_NO_MAIN', problem);
}
