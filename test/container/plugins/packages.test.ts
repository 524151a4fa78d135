import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Host, pluginFixture, startHost } from './host.js';

describe('A plugin that is installed as an npm package', () => {
  let folder: string;
  let configFolder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-packages-'));
    configFolder = join(folder, 'etc', 'sipxrest');
    await mkdir(configFolder, { recursive: true });
    const installed = join(folder, 'node_modules', '@example', 'hello');
    await cp(pluginFixture('third-party/hello'), installed, { recursive: true });
    await mkdir(join(folder, 'node_modules', 'no-plugin'));
    await writeFile(join(folder, 'node_modules', 'no-plugin', 'package.json'), '{ "name": "no-plugin" }');
  });

  after(() => rm(folder, { recursive: true }));

  it('is found by its name in `plugins`, in node_modules above the configuration file', async () => {
    const plugins = { '@example/hello': { greeting: 'Good day' } };
    expect(await greeting({ plugins }, {})).to.equal('Good day stranger');
  });

  it('is found by its name in SIPXREST_PLUGINS', async () => {
    expect(await greeting({}, { SIPXREST_PLUGINS: 'callcontroller,@example/hello' })).to.equal('Hello stranger');
  });

  it('is found by its name in `requiredPlugins`', async () => {
    expect(await greeting({ requiredPlugins: ['@example/hello'] }, {})).to.equal('Hello stranger');
  });

  it('is not loaded when nobody names it', async () => {
    expect(await greeting({}, {})).to.equal(undefined);
  });

  it('gets an error when its name lacks the scope', async () => {
    const { errors } = await served({ plugins: { hello: {} } }, {});
    expect(errors[0]).to.match(/^SIPXREST_PLUGIN_NOT_FOUND: plugin hello /);
  });

  it('stands back behind one of its name in a plugin folder', async () => {
    const pluginDir = join(folder, 'plugins');
    await cp(pluginFixture('third-party'), pluginDir, { recursive: true });
    const module = join(pluginDir, 'hello', 'lib', 'hello.js');
    await writeFile(module, (await readFile(module, 'utf8')).replace('stranger', 'neighbour'));
    const plugins = { '@example/hello': { greeting: 'Good day' } };
    expect(await greeting({ pluginDir, plugins }, {})).to.equal('Good day neighbour');
  });

  it('without a manifest is reported as not a plugin', async () => {
    const { errors } = await served({ plugins: { 'no-plugin': {} } }, {});
    const file = join(folder, 'node_modules', 'no-plugin', 'package.json');
    const problem = 'sipxrest: expected an object, found nothing';
    expect(errors[0]).to.equal(`SIPXREST_PLUGIN_NO_MANIFEST: plugin no-plugin (${file}): ${problem}`);
  });

  it('has its bad settings reported under the key in the file', async () => {
    const error = await served({ plugins: { '@example/hello': { greeting: 5 } } }, {}).catch(String);
    expect(error).to.match(/plugins\.@example\/hello\.greeting \(\/.*\): expected string, found 5/);
  });

  it('is never looked for outside node_modules', async () => {
    for (const name of ['..', '.hidden', '@../hello', '../hello', '/hello']) {
      const error = await served({ plugins: { [name]: {} } }, {}).catch(String);
      expect(error, name).to.match(/^ConfigurationError: plugins\..*: expected a plugin name, found /);
    }
  });

  async function greeting(settings: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv) {
    return (await served(settings, env)).greeting;
  }

  /** The answer of the plugin, if loaded, and the errors in the log. */
  async function served(settings: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv) {
    const host: Host = await startHost(settings, env, configFolder);
    try {
      const response = await fetch(`${host.url}/hello/x`);
      const errors = host.lines.filter(({ level }) => level === 'error').map(({ msg }) => msg);
      return { greeting: response.ok ? await response.text() : undefined, errors };
    } finally {
      await host.stop();
    }
  }
});
