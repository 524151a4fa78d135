import { expect } from 'chai';
import { type Host, pluginFixture, startHost } from '../plugins/host.js';

describe('A plugin beside a misbehaving one', () => {
  let host: Host;

  beforeEach(async () => {
    host = await startHost({ pluginDir: pluginFixture('isolation') });
  });

  afterEach(() => host.stop());

  async function ask(method: string, path: string): Promise<{ status: number; body: string }> {
    const response = await fetch(host.url + path, { method });
    return { status: response.status, body: await response.text() };
  }

  it('has caches of its own, whatever their names', async () => {
    await ask('PUT', '/polite/things/a');
    await ask('PUT', '/rude/things/b');
    const asked = ['/polite/things/a', '/polite/things/b', '/rude/things/a', '/rude/things/b'];
    const found = await Promise.all(asked.map(async (path) => (await ask('GET', path)).body));
    expect(found).to.deep.equal(['polite', 'nothing', 'nothing', 'rude']);
    const { caches } = JSON.parse((await ask('GET', '/diagnostics')).body) as { caches: unknown };
    expect(caches).to.include({ 'polite.things': 1, 'rude.things': 1 });
  });

  it('has its errors answered in XML though the middleware of the other swallows all that it sees', async () => {
    expect((await ask('GET', '/rude/throws')).body).to.equal('swallowed: a rude one');
    expect(await ask('GET', '/polite/throws')).to.include({ status: 500 });
  });

  it('keeps its paths, and those that nobody has stay free, though the other has a route for every path', async () => {
    expect(await ask('GET', '/rude/whatever')).to.include({ status: 200, body: 'rude' });
    for (const path of ['/polite', '/polite/nothing', '/nobody', '/rudeness', '/polite/../rude2'])
      expect(await ask('GET', path), path).to.include({ status: 404 });
  });

  it('is not reached through the other', async () => {
    await ask('PUT', '/polite/things/a');
    expect((await ask('GET', '/rude/elsewhere')).body).not.to.equal('polite');
  });

  it('has a context of its own, whatever the other does to its application', async () => {
    expect(await ask('POST', '/rude/context')).to.include({ status: 204 });
    const { body } = await ask('GET', '/polite/context');
    expect(JSON.parse(body)).to.deep.equal({ state: {}, throws: 'throw' });
    const failed = await ask('GET', '/polite/throws');
    expect(failed.status).to.equal(500);
    expect(failed.body).to.include('<error-code>500</error-code>');
    expect(await ask('GET', '/callcontroller/user1/user2')).to.include({ status: 200 });
    expect(await ask('GET', '/')).to.include({ status: 200 });
  });

  it('has its failures logged under its own name', async () => {
    await ask('GET', '/polite/throws');
    const failed = host.lines.filter(({ msg }) => msg === 'HTTP request failed');
    expect(failed.map(({ plugin, path }) => [plugin, path])).to.deep.equal([['polite', '/polite/throws']]);
  });
});
