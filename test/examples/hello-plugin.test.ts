import { expect } from 'chai';
import type { Container } from '../support/container.js';
import { installation, installationTimeoutMs } from '../support/installation.js';
import { ask, basic, requestText } from '../support/outside/exchange.js';
import { freePorts } from '../support/ports.js';

describe('examples/hello-plugin, built against the installed package', () => {
  let container: Container;
  let publicHttpPort: number;

  before(async function () {
    this.timeout(installationTimeoutMs);
    const installed = await installation();
    publicHttpPort = await freePorts();
    container = await installed.start({ pluginDir: await installed.example('hello-plugin'), publicHttpPort });
  });

  after(() => container.stop());

  it('greets anybody inside the cluster', async () => {
    expect(await (await container.get('/hello/user1')).text()).to.equal('Hello User One\n');
    expect(await (await container.get('/hello/user2')).text()).to.equal('Hello User Two\n');
  });

  it('answers 404 in XML for a user that does not exist', async () => {
    const response = await container.get('/hello/nobody');
    expect(response.status).to.equal(404);
    expect(await response.text()).to.include('<error-text>There is no such user</error-text>');
  });

  it('greets logged-in users outside, and nobody on behalf of others', async () => {
    const login = basic('user1', '123');
    const withoutLogin = await ask(publicHttpPort, requestText('GET', '/hello/user1'));
    const ofAnother = await ask(publicHttpPort, requestText('GET', '/hello/user2', [login]));
    const own = await ask(publicHttpPort, requestText('GET', '/hello/user1', [login]));
    expect([withoutLogin.status, ofAnother.status]).to.deep.equal([401, 403]);
    expect(own).to.include({ status: 200, body: 'Hello User One\n' });
  });
});
