import { expect } from 'chai';
import { loadSettings } from '../../../container/config/load.js';
import { isPluginEnabled } from '../../../container/config/plugins.js';
import { fixture } from './folder.js';

const found = ['callcontroller', 'redirect', 'sandbox', 'hello', 'toString'];

function enabled(plugins: Record<string, Record<string, unknown> | false>, pluginNames?: string[]): string[] {
  const settings = { plugins, ...(pluginNames && { pluginNames }) };
  return found.filter((name) => isPluginEnabled(settings, { name, packageName: `@acme/${name}` }));
}

describe('Which plugins are loaded', () => {
  it('all that are found, the sandbox excepted', () => {
    expect(enabled({})).to.deep.equal(['callcontroller', 'redirect', 'hello', 'toString']);
  });

  it('not those set to false', () => {
    expect(enabled({ redirect: false, hello: {} })).to.deep.equal(['callcontroller', 'hello', 'toString']);
  });

  it('the sandbox when it has settings', () => {
    expect(enabled({ sandbox: {} })).to.include('sandbox');
  });

  it('only those named in the environment, whatever the file says', () => {
    expect(enabled({ redirect: false, hello: {} }, ['redirect', 'sandbox'])).to.deep.equal(['redirect', 'sandbox']);
  });

  it('by the name of their packages as well, which comes first', () => {
    expect(enabled({ '@acme/redirect': false, '@acme/sandbox': {} })).to.deep.equal([
      'callcontroller',
      'sandbox',
      'hello',
      'toString',
    ]);
    expect(enabled({ '@acme/hello': {}, hello: false })).to.include('hello');
    expect(enabled({}, ['@acme/hello'])).to.deep.equal(['hello']);
  });

  it('SIPXREST_PLUGINS names them, separated by commas', () => {
    const env = { SIPXREST_USERS: fixture('users/users.json'), SIPXREST_SIPX_PROXY_DOMAIN: 'example.com' };
    expect(loadSettings({ env: { ...env, SIPXREST_PLUGINS: 'sandbox, @acme/hello' } }).pluginNames).to.deep.equal([
      'sandbox',
      '@acme/hello',
    ]);
    expect(loadSettings({ env: { ...env, SIPXREST_PLUGINS: '' } })).not.to.have.property('pluginNames');
  });
});
