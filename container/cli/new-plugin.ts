import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '../config/describe.js';
import { errorCode } from '../config/files.js';
import { UsageError } from './command.js';
import { version } from '../version.js';

/** The package's own folder, above `dist`. */
const PACKAGE_FOLDER = fileURLToPath(new URL('../../..', import.meta.url));
const TEMPLATES = join(PACKAGE_FOLDER, 'templates');
/** Template folders: a working plugin named my-plugin, and the files that both languages share. */
const TYPESCRIPT = ['shared', 'typescript'];
const JAVASCRIPT = ['shared', 'javascript'];
/** Of a package, with or without a scope. */
const NAME = /^(?=.{1,128}$)(?:@[a-z0-9][a-z0-9._-]*\/)?([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/;
/** Names of plugins, paths and classes that are already taken. */
const TAKEN = new Set([
  'api',
  'callcontroller',
  'console',
  'diagnostics',
  'fake-sdk',
  'plugin',
  'redirect',
  'sandbox',
  'sdk',
  'sipxrest',
]);

interface InstalledPackages {
  readonly packages: { readonly 'node_modules/sipxrest': { readonly resolved: string } };
}

export interface NewPluginOptions {
  /** In plain JavaScript, not in TypeScript. */
  readonly javascript?: boolean | undefined;
}

/**
 * Makes a plugin in a new folder of the working directory, which is named like the package without its scope.
 * @param packageName for example `greet` or `@acme/greet`
 * @returns the exit code
 * @throws UsageError when the name does not suit a plugin; Error when the folder is there already
 */
export async function newPlugin(packageName: string, { javascript = false }: NewPluginOptions): Promise<number> {
  const [, name] = NAME.exec(packageName) ?? [];
  if (name === undefined)
    throw new UsageError(
      `NAME must be of small letters, digits and single "-", such as my-plugin or @my-scope/my-plugin, found ${describe(packageName)}`,
    );
  if (TAKEN.has(name)) throw new UsageError(`NAME is taken by sipxrest: ${name}`);
  const folder = resolve(name);
  await makeFolder(folder);
  for (const part of javascript ? JAVASCRIPT : TYPESCRIPT) {
    const template = join(TEMPLATES, part);
    for (const file of await filesOf(template)) await copy(template, file, folder, name);
  }
  await nameIt(folder, packageName);
  process.stdout.write(`Made ${packageName}, a plugin with a test. Go on with:
  cd ${name}
  npm install
  npm test
  npm start
  curl http://127.0.0.1:6667/${name}/user1
`);
  return 0;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw new Error(`${folder} is there already`, { cause: error });
    throw error;
  }
}

/** Paths relative to the folder. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** npm leaves .gitignore out of a package, so the templates have it under another name. */
async function copy(template: string, file: string, folder: string, name: string): Promise<void> {
  const target = join(folder, file === 'gitignore' ? '.gitignore' : file);
  const text = await readFile(join(template, file), 'utf8');
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text.replaceAll('my-plugin', name).replaceAll('MyPlugin', classNameOf(name)));
}

function classNameOf(name: string): string {
  return name.replaceAll(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase());
}

/** The plugin requires this version of sipxrest or newer, and is tested with this one. */
async function nameIt(folder: string, packageName: string): Promise<void> {
  const file = join(folder, 'package.json');
  const template = JSON.parse(await readFile(file, 'utf8')) as { readonly devDependencies: Record<string, string> };
  const content = {
    ...template,
    name: packageName,
    peerDependencies: { sipxrest: `^${version()}` },
    devDependencies: { ...template.devDependencies, sipxrest: await sourceFor(folder) },
  };
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

/** Where npm finds this package: a folder that is no installed package, the tarball that was installed, else the registry. */
async function sourceFor(folder: string): Promise<string> {
  const modules = dirname(PACKAGE_FOLDER);
  if (basename(modules) !== 'node_modules') return `file:${relative(folder, PACKAGE_FOLDER)}`;
  const tarball = await installedTarball(modules);
  return tarball === undefined ? `^${version()}` : `file:${relative(folder, tarball)}`;
}

/** npm writes down there what it installed from where. */
async function installedTarball(modules: string): Promise<string | undefined> {
  try {
    const { packages } = JSON.parse(await readFile(join(modules, '.package-lock.json'), 'utf8')) as InstalledPackages;
    const [, path] = /^file:(.+)/.exec(packages['node_modules/sipxrest'].resolved) ?? [];
    const tarball = path === undefined ? undefined : resolve(dirname(modules), path);
    return tarball !== undefined && (await stat(tarball)).isFile() ? tarball : undefined;
  } catch {
    return undefined; // Another package manager, a global installation, or a tarball that is gone.
  }
}
