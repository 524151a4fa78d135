import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { type Host, pluginFixture, startHost } from './host.js';

describe('A plugin that throws when an entry leaves its cache', () => {
  it('ends neither the process nor the end of the others', async () => {
    const host = await startHost({ pluginDir: pluginFixture('careless'), plugins: { 'leaves-timer': false } });
    while (failures(host).length === 0) await setImmediate();
    expect((await fetch(`${host.url}/diagnostics`)).status).to.equal(200);
    await host.stop();
    expect(failures(host)).to.deep.equal([
      'what expires cannot be removed',
      'what is left at the end cannot be removed',
    ]);
  });
});

function failures({ lines }: Host): string[] {
  const own = lines.filter(({ msg, plugin }) => msg === 'onRemove failed' && plugin === 'throws-on-removal');
  return own.map(({ error }) => (error as Error).message);
}
