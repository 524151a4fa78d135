import { expect } from 'chai';
import { type Host, pluginFixture, startHost } from './host.js';

describe('A service that a plugin provides', () => {
  let host: Host;

  before(async () => {
    host = await startHost({ pluginDir: pluginFixture('services') });
  });

  after(async () => {
    await host.stop();
  });

  const said = (name: string): string[] =>
    host.lines.filter(({ plugin, level }) => plugin === name && level === 'info').map(({ msg }) => msg);
  const failure = (name: string) => host.lines.find(({ plugin, level }) => plugin === name && level === 'error');

  it('is injected into a plugin that depends on it', () => {
    expect(said('takes')).to.include('hello');
  });

  it('is injected even if its provider provides it in its start', () => {
    expect(said('takes-late')).to.include('hello, late');
  });

  for (const [name, code, expected] of [
    ['forgets-to-depend', 'MISSING_SERVICE', 'sipxrest.dependsOn to name plugin provider, which provides Greeter'],
    [
      'has-a-namesake',
      'FOREIGN_SERVICE',
      'the class Greeter that plugin provider provides, not another one of its name',
    ],
    ['wants-nobody', 'MISSING_SERVICE', 'a service that is provided by plugin provider'],
  ] as const)
    it(`is an error that names both plugins where one ${name.replaceAll('-', ' ')}`, () => {
      expect(failure(name)).to.include({ code: `SIPXREST_PLUGIN_${code}` });
      expect(failure(name)?.msg).to.contain(`plugin ${name} `).and.to.contain(`expected ${expected}`);
    });
});
