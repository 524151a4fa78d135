import { expect } from 'chai';
import type { Container } from '../support/container.js';
import { installation, installationTimeoutMs } from '../support/installation.js';

describe('examples/javascript-plugin, in the installed package', () => {
  let container: Container;

  before(async function () {
    this.timeout(installationTimeoutMs);
    const installed = await installation();
    const pluginDir = await installed.example('javascript-plugin');
    container = await installed.start({ pluginDir, plugins: { 'javascript-plugin': { forgetAfterSeconds: 600 } } });
  });

  after(() => container.stop());

  it('counts visits, and answers 404 in XML for a user that does not exist', async () => {
    expect(await (await container.get('/visits')).json()).to.deep.equal([]);
    for (const user of ['user1', 'user2', 'user1'])
      expect((await container.post(`/visits/${user}`)).status).to.equal(204);
    const visits = [
      { userName: 'user2', count: 1 },
      { userName: 'user1', count: 2 },
    ];
    expect(await (await container.get('/visits')).json()).to.have.deep.members(visits);

    const refused = await container.post('/visits/nobody');
    expect(refused.status).to.equal(404);
    expect(await refused.text()).to.include('<error-text>There is no such user</error-text>');
  });
});
