import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Host, startHost } from './host.js';

/** A plugin that keeps a text beyond a restart. */
const KEEPER = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
export default class {
  constructor(sdk) {
    sdk.routes.get('/', (ctx) => {
      const file = sdk.dataDir + '/kept';
      ctx.body = existsSync(file) ? readFileSync(file, 'utf8') : 'nothing';
    });
    sdk.routes.put('/:text', (ctx) => {
      writeFileSync(sdk.dataDir + '/kept', ctx.params.text);
      ctx.body = 'kept';
    });
  }
}`;

describe("A plugin's data folder", () => {
  let folder: string;
  let host: Host;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-data-'));
    const plugin = join(folder, 'keeper');
    await mkdir(plugin);
    const sipxrest = { uriPrefix: '/keeper', securityLevel: 'LOCAL-ONLY' };
    await writeFile(join(plugin, 'package.json'), JSON.stringify({ name: '@acme/keeper', type: 'module', sipxrest }));
    await writeFile(join(plugin, 'index.js'), KEEPER);
  });

  afterEach(async () => {
    await host.stop();
    await rm(folder, { recursive: true });
  });

  async function start(settings: Readonly<Record<string, unknown>>): Promise<void> {
    host = await startHost({ pluginDir: join(folder, 'keeper'), ...settings }, {}, folder);
  }

  it('lies in dataDir, is there for nobody else, and outlives the container', async () => {
    await start({ dataDir: 'state' });
    expect((await stat(join(folder, 'state')).catch(() => undefined)) === undefined).to.equal(true);
    await fetch(`${host.url}/keeper/word`, { method: 'PUT' });
    expect((await stat(join(folder, 'state/keeper'))).mode & 0o777).to.equal(0o700);
    expect(await readFile(join(folder, 'state/keeper/kept'), 'utf8')).to.equal('word');
    await host.stop();
    await start({ dataDir: join(folder, 'state') });
    expect(await (await fetch(`${host.url}/keeper`)).text()).to.equal('word');
  });

  it('is by default in data beside the configuration file', async () => {
    await start({});
    expect(await (await fetch(`${host.url}/keeper`)).text()).to.equal('nothing');
    expect((await stat(join(folder, 'data/keeper'))).isDirectory()).to.equal(true);
  });

  it('is an error that names the setting if it cannot be made', async () => {
    await writeFile(join(folder, 'data'), 'a file is in its way');
    await start({});
    expect((await fetch(`${host.url}/keeper`)).status).to.equal(500);
    const line = host.lines.find(({ level, plugin }) => level === 'error' && plugin === 'keeper');
    expect(JSON.stringify(line)).to.include('SIPXREST_PLUGIN_NO_DATA_FOLDER').and.include('dataDir: expected a folder');
  });
});
