import { expect } from 'chai';
import { Service } from '../support/cluster/service.js';
import type { Container } from '../support/container.js';
import { digest, nonceOf } from '../support/outside/digest.js';
import { ask, basic, type Reply, requestText } from '../support/outside/exchange.js';
import { freePorts } from '../support/ports.js';

const realm = 'sandbox.test';
const wrongPerUser = 10;
const target = '/callcontroller/user1/user2';

describe('Outside, on several nodes', function () {
  this.timeout(90_000);

  let service: Service;
  let ports: readonly [number, number];
  let front: { readonly node: Container; readonly port: number };

  before(async () => {
    service = await Service.start(0);
    ports = [await freePorts(), await freePorts()];
    for (const publicHttpPort of ports) await service.add({ publicHttpPort });
    const publicHttpPort = await freePorts();
    const plugins = { redirect: { callcontroller: 'redis' }, callcontroller: false, api: false, console: false };
    front = { node: await service.add({ publicHttpPort, plugins }), port: publicHttpPort };
    await Promise.all(service.nodes.map(async (node) => node.waitForLog('Joined the cluster', 10_000)));
  });

  after(() => service.stop());

  it('wrong PINs count on all nodes together', async () => {
    for (let count = 0; count < wrongPerUser; count++)
      expect((await login(ports[count % 2] ?? 0, 'user3', `guess-${count}`)).status).to.equal(401);
    for (const port of ports) expect((await login(port, 'user3', '123')).status).to.equal(429);
  });

  it('a nonce of one node is good on another, and each count of it once', async () => {
    const nonce = nonceOf(await ask(ports[0], requestText('GET', target)));
    const answer = async (port: number, nc: string): Promise<number> => {
      const header = digest({ userName: 'user1', pin: '123', method: 'GET', target, nonce, nc, realm });
      return (await ask(port, requestText('GET', target, [header]))).status;
    };
    expect(await answer(ports[1], '00000001')).to.equal(200);
    expect(await answer(ports[0], '00000001')).to.equal(401);
    expect(await answer(ports[0], '00000002')).to.equal(200);
  });

  it('the redirect finds the nodes by Redis, and goes to another when one is down', async () => {
    const path = `/sipxconfig/rest/my/redirect${target}`;
    const request = requestText('GET', path, [basic('user1', '123')]);
    process.kill(service.node(0).pid, 'SIGKILL');
    for (let count = 0; count < 4; count++) expect((await ask(front.port, request)).status).to.equal(200);
    const post = requestText('POST', `/sipxconfig/rest/my/redirect/callcontroller/user2/user1`, [
      basic('user2', '123'),
    ]);
    for (let count = 0; count < 2; count++) expect((await ask(front.port, post)).status).to.equal(200);
  });
});

async function login(port: number, userName: string, pin: string): Promise<Reply> {
  return ask(port, requestText('GET', `/callcontroller/${userName}/user2`, [basic(userName, pin)]));
}
