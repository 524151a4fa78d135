import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { type LogLine, pluginFixture, startHost } from './host.js';

const restless = { pluginDir: pluginFixture('restless'), plugins: { 'times-in-constructor': false } };

describe('A plugin whose start() takes longer than the limit', () => {
  it('loses its resources before the container is ready, gets no more calls, and is not stopped', async () => {
    const host = await startHost({ ...restless, pluginTimeoutMs: 2_000 });
    const own = (): LogLine[] => host.lines.filter(({ plugin }) => plugin === 'hangs-and-goes-on');
    const told = (): string[] => own().map(({ msg, code }) => (typeof code === 'string' ? code : msg));
    try {
      expect(told()).to.deep.equal(['forgotten', 'SIPXREST_PLUGIN_START_TIMEOUT']);
      expect((await fetch(`${host.url}/hangs-and-goes-on`)).status).to.equal(404);

      process.emit('go-on' as 'exit', 0);
      while (told().length < 3) await setImmediate();
      expect(own().at(-1)).to.include({ msg: 'too late', code: 'SIPXREST_PLUGIN_WRONG_PHASE' });
      expect(own().at(-1)?.['message']).to.match(/found "stopped"$/);
    } finally {
      await host.stop();
    }
    expect(told()).to.have.length(3);
  });
});
