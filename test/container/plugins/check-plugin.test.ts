import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ConfigurationError } from '../../../container/config/errors.js';
import { type CheckedPlugin, type CheckSettings, checkPlugin } from '../../../container/plugins/check-plugin.js';
import type { PluginErrorCode } from '../../../container/plugins/errors.js';
import { PluginError, PluginErrors } from '../../../container/plugins/plugin-error.js';
import { RecordingLog } from '../accounts/recording-log.js';
import { pluginFixture } from './host.js';

const settings: CheckSettings = { plugins: {}, pluginTimeoutMs: 2_000, requestTimeoutMs: 1_000 };

async function check(folder: string, plugins: CheckSettings['plugins'] = {}): Promise<unknown> {
  return checkPlugin(folder, { ...settings, plugins }, new RecordingLog()).catch((error: unknown) => error);
}

async function codesOf(folder: string): Promise<PluginErrorCode[]> {
  const found = await check(folder);
  if (found instanceof PluginErrors) return found.errors.map(({ code }) => code);
  return found instanceof PluginError ? [found.code] : [];
}

describe('Checking a plugin', () => {
  it('accepts those that the container would start', async () => {
    for (const path of ['good/echo', 'third-party/hello', 'dependent/middle', 'broken/hangs-in-start'])
      expect(await check(pluginFixture(path)), path).to.have.nested.property('plugin.manifest.uriPrefix');
  });

  it('accepts those that come with the container', async () => {
    const folder = fileURLToPath(new URL('../../../plugins/callcontroller', import.meta.url));
    expect(await check(folder)).to.have.nested.property('plugin.manifest.name', 'callcontroller');
  });

  for (const [folder, code] of [
    ['bad-json', 'SIPXREST_PLUGIN_PACKAGE_NOT_JSON'],
    ['hangs-in-import', 'SIPXREST_PLUGIN_IMPORT_TIMEOUT'],
    ['main-missing', 'SIPXREST_PLUGIN_NO_MAIN'],
    ['not-a-class', 'SIPXREST_PLUGIN_NOT_A_CLASS'],
    ['syntax-error', 'SIPXREST_PLUGIN_SYNTAX_ERROR'],
    ['throws-in-constructor', 'SIPXREST_PLUGIN_CONSTRUCTOR_FAILED'],
    ['too-early', 'SIPXREST_PLUGIN_WRONG_PHASE'],
    ['unresolvable-injection', 'SIPXREST_PLUGIN_INJECTION_FAILED'],
    ['wants-a-newer-sdk', 'SIPXREST_PLUGIN_WRONG_VERSION'],
  ] as const)
    it(`reports the error of ${folder}`, async () => {
      expect(await codesOf(pluginFixture(`broken/${folder}`))).to.deep.equal([code]);
    });

  it('requires a package.json with a manifest', async () => {
    expect(await codesOf(pluginFixture('good/not-a-package'))).to.deep.equal(['SIPXREST_PLUGIN_PACKAGE_UNREADABLE']);
    expect(await codesOf(pluginFixture('good/not-a-plugin'))).to.deep.equal(['SIPXREST_PLUGIN_NO_MANIFEST']);
  });

  it('compares it with the plugins that come with the container', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sipxrest-check-'));
    try {
      const sipxrest = { uriPrefix: '/callcontroller/mine', securityLevel: 'LOCAL-ONLY' };
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'mine', type: 'module', sipxrest }));
      await writeFile(join(folder, 'index.js'), 'export default class {}');
      expect(await codesOf(folder)).to.deep.equal(['SIPXREST_PLUGIN_PREFIX_OVERLAP']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('finds all faults of a manifest at once, each with its line', async () => {
    const sipxrest = {
      uriPrefix: 'greet',
      securityLvl: 'LOCAL-ONLY',
      colour: 'red',
      sipConvergenceName: 'callcontroller',
    };
    const content = { name: 'greet', main: 'missing.js', peerDependencies: { sipxrest: '^99.0.0' }, sipxrest };
    const folder = await pluginFolder({ 'package.json': JSON.stringify(content, undefined, 2) });
    try {
      const error = (await check(folder)) as PluginErrors;
      const faults = error.errors.map(
        ({ message }) => /line (\d+)\): ([\w.]+): /.exec(message)?.slice(1).join(' ') ?? message,
      );
      expect(faults).to.have.members([
        '8 sipxrest.uriPrefix',
        '7 sipxrest.securityLevel',
        '9 sipxrest.securityLvl',
        '10 sipxrest.colour',
        '5 peerDependencies.sipxrest',
        '3 main',
        '11 sipxrest.sipConvergenceName',
      ]);
      expect(error.message).to.include('perhaps securityLevel, found "LOCAL-ONLY"');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('builds it with the services of the plugins that it depends on', async () => {
    const takes = (await check(pluginFixture('services/takes'))) as CheckedPlugin;
    expect([takes.unknown, takes.missing]).to.deep.equal([[], []]);
    expect(await codesOf(pluginFixture('services/forgets-to-depend'))).to.deep.equal([
      'SIPXREST_PLUGIN_MISSING_SERVICE',
    ]);
    const late = (await check(pluginFixture('services/takes-late'))) as CheckedPlugin;
    expect(late.missing).to.deep.equal(['LateGreeter']);
  });

  it('lends it a data folder, of which nothing is left', async () => {
    const folder = await pluginFolder({
      'package.json': JSON.stringify({
        name: 'keeper',
        type: 'module',
        sipxrest: { uriPrefix: '/keeper', securityLevel: 'LOCAL-ONLY' },
      }),
      'index.js':
        "import { writeFileSync } from 'node:fs';\n" +
        'export default class { constructor(sdk) { globalThis.kept = `${sdk.dataDir}/x`; writeFileSync(globalThis.kept, "x"); } }',
    });
    try {
      expect(await check(folder)).to.have.nested.property('plugin.manifest.name', 'keeper');
      expect(existsSync(String(Reflect.get(globalThis, 'kept')))).to.equal(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses a package.json of unreasonable length', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'sipxrest-check-')), 'long');
    try {
      await mkdir(folder);
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'long', description: 'x'.repeat(65_536) }));
      expect(String(await check(folder))).to.match(
        /expected a readable file of 65536 bytes at the most, found 655\d\d bytes$/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('uses the settings of the configuration, and reports those that the plugin rejects', async () => {
    const error = await check(pluginFixture('third-party/hello'), { '@example/hello': { greeting: 5 } });
    expect(error).to.be.instanceOf(ConfigurationError);
    expect(String(error)).to.include('plugins.@example/hello.greeting');
  });

  it('opens no socket', async () => {
    const before = sockets();
    await check(pluginFixture('third-party/hello'));
    expect(sockets()).to.deep.equal(before);
  });
});

async function pluginFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sipxrest-check-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

function sockets(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /^(?:UDP|TCP)/.test(name));
}
