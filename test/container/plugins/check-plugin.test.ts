import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ConfigurationError } from '../../../container/config/errors.js';
import { type CheckSettings, checkPlugin } from '../../../container/plugins/check-plugin.js';
import type { PluginErrorCode } from '../../../container/plugins/errors.js';
import { PluginError } from '../../../container/plugins/plugin-error.js';
import { RecordingLog } from '../accounts/recording-log.js';
import { pluginFixture } from './host.js';

const settings: CheckSettings = { plugins: {}, pluginTimeoutMs: 2_000, requestTimeoutMs: 1_000 };

async function check(folder: string, plugins: CheckSettings['plugins'] = {}): Promise<unknown> {
  return checkPlugin(folder, { ...settings, plugins }, new RecordingLog()).catch((error: unknown) => error);
}

async function codeOf(folder: string): Promise<PluginErrorCode | undefined> {
  const found = await check(folder);
  return found instanceof PluginError ? found.code : undefined;
}

describe('Checking a plugin', () => {
  it('accepts those that the container would start', async () => {
    for (const path of ['good/echo', 'third-party/hello', 'dependent/middle', 'broken/hangs-in-start'])
      expect(await check(pluginFixture(path)), path).to.have.nested.property('manifest.uriPrefix');
  });

  it('accepts those that come with the container', async () => {
    const folder = fileURLToPath(new URL('../../../plugins/callcontroller', import.meta.url));
    expect(await check(folder)).to.have.nested.property('manifest.name', 'callcontroller');
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
    it(`finds what is wrong: ${folder}`, async () => {
      expect(await codeOf(pluginFixture(`broken/${folder}`))).to.equal(code);
    });

  it('needs a package.json that is a manifest', async () => {
    expect(await codeOf(pluginFixture('good/not-a-package'))).to.equal('SIPXREST_PLUGIN_PACKAGE_UNREADABLE');
    expect(await codeOf(pluginFixture('good/not-a-plugin'))).to.equal('SIPXREST_PLUGIN_NO_MANIFEST');
  });

  it('compares it with the plugins that come with the container', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sipxrest-check-'));
    try {
      const sipxrest = { uriPrefix: '/callcontroller/mine', securityLevel: 'LOCAL-ONLY' };
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'mine', type: 'module', sipxrest }));
      await writeFile(join(folder, 'index.js'), 'export default class {}');
      expect(await codeOf(folder)).to.equal('SIPXREST_PLUGIN_PREFIX_OVERLAP');
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

  it('takes the settings of the configuration, and tells those that the plugin cannot use', async () => {
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

function sockets(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /^(?:UDP|TCP)/.test(name));
}
