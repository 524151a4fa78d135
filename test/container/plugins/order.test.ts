import { expect } from 'chai';
import { type Host, pluginFixture, startHost } from './host.js';

const names = ['first-found', 'last-found', 'middle'];

describe('Plugins that depend on each other', () => {
  it('start after those that they depend on, by name or package name, and stop in the reverse order', async () => {
    const host = await startHost({ pluginDir: pluginFixture('dependent') });
    expect(told(host)).to.deep.equal(['last-found starts', 'middle starts', 'first-found starts']);
    await host.stop();
    expect(told(host).slice(3)).to.deep.equal(['first-found stops', 'middle stops', 'last-found stops']);
  });

  it('are left out with one that the configuration leaves out', async () => {
    const host = await startHost({ pluginDir: pluginFixture('dependent'), plugins: { middle: false } });
    try {
      expect(told(host)).to.deep.equal(['last-found starts']);
      const failure = host.lines.find(({ plugin, level }) => plugin === 'first-found' && level === 'error');
      expect(failure?.['code']).to.equal('SIPXREST_PLUGIN_MISSING_DEPENDENCY');
      expect(failure?.msg).to.match(/sipxrest\.dependsOn: expected plugins that are loaded, found "middle"$/);
    } finally {
      await host.stop();
    }
  });

  it('do not stop twice when the container is stopped twice', async () => {
    const host = await startHost({ pluginDir: pluginFixture('dependent') });
    await Promise.all([host.stop(), host.stop()]);
    await host.stop();
    expect(told(host)).to.have.length(2 * names.length);
  });
});

describe('The sandbox', () => {
  it('starts before the call controller and stops after it, so that its telephones hear the calls end', async () => {
    const host = await startHost({ plugins: { callcontroller: {}, sandbox: {} } });
    await host.stop();
    const started = host.lines.filter(({ msg }) => msg === 'Plugin loaded').map(({ plugin }) => plugin);
    expect(started).to.deep.equal(['sandbox', 'callcontroller', 'api', 'console', 'redirect']);
  });
});

function told({ lines }: Host): string[] {
  return lines
    .filter(({ plugin, msg }) => names.includes(String(plugin)) && /^(?:starts|stops)$/.test(msg))
    .map(({ plugin, msg }) => `${String(plugin)} ${msg}`);
}
