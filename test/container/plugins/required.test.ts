import { expect } from 'chai';
import { PluginError } from '../../../container/plugins/plugin-error.js';
import { freePorts } from '../../support/ports.js';
import { pluginFixture, startHost } from './host.js';

const pluginDir = [pluginFixture('good'), pluginFixture('dependent')];

async function failureOf(settings: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv = {}) {
  const error = await startHost(settings, env).then(
    async (host) => host.stop(),
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(PluginError);
  return error as PluginError;
}

describe('A required plugin', () => {
  it('that works changes nothing, by whichever name', async () => {
    const host = await startHost({ pluginDir, requiredPlugins: ['echo', '@example/last-found', 'callcontroller'] });
    await host.stop();
  });

  it('that fails stops the start with its error, and the SIP port is free again', async () => {
    const sipPort = await freePorts();
    const plugins = { 'hangs-in-import': false, 'hangs-in-start': false, 'hangs-in-stop': false };
    const settings = { sipPort, pluginDir: pluginFixture('broken'), plugins, requiredPlugins: ['throws-in-start'] };
    const { code, plugin, cause } = await failureOf(settings);
    expect(code).to.equal('SIPXREST_PLUGIN_START_FAILED');
    expect(plugin).to.equal('throws-in-start');
    expect((cause as Error).message).to.equal('the start failed');
    const next = await startHost({ sipPort });
    await next.stop();
  });

  it('whose dependency is left out stops the start', async () => {
    const error = await failureOf({ pluginDir, plugins: { middle: false }, requiredPlugins: ['first-found'] });
    expect(error.code).to.equal('SIPXREST_PLUGIN_MISSING_DEPENDENCY');
  });

  it('that cannot be found stops the start', async () => {
    const error = await failureOf({ pluginDir }, { SIPXREST_REQUIRED_PLUGINS: 'echo,no-such-plugin' });
    expect(error.message).to.match(
      /^SIPXREST_PLUGIN_NOT_FOUND: plugin no-such-plugin \(configuration\): requiredPlugins: /,
    );
  });

  it('that the configuration leaves out stops the start', async () => {
    const { message } = await failureOf({ pluginDir, plugins: { echo: false }, requiredPlugins: ['echo'] });
    const problem = 'requiredPlugins: expected plugins that are loaded, found "echo"';
    expect(message).to.equal(`SIPXREST_PLUGIN_LEFT_OUT: plugin echo (configuration): ${problem}`);
  });
});
