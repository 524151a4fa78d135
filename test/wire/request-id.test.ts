import { expect } from 'chai';
import { ask, basic, requestText } from '../support/outside/exchange.js';
import { type OutsideRig, pinOf, startOutside } from '../support/outside/rig.js';
import { freePorts } from '../support/ports.js';

/** A line of the log. */
type Line = Readonly<Record<string, unknown>>;

describe('The id of a request', function () {
  this.timeout(20_000);
  let rig: OutsideRig;
  let webPort: number;

  before(async () => {
    webPort = await freePorts();
    rig = await startOutside({ logLevel: 'debug', webPort, sipT1Ms: 10 });
  });

  after(() => rig?.stop());

  function linesWith(requestId: string): Line[] {
    const lines = rig.container.logLines().map((line) => JSON.parse(line) as Line);
    return lines.filter((line) => line['requestId'] === requestId);
  }

  it('is in every answer of every listener', async () => {
    const headers = { 'X-Request-Id': 'mine' };
    for (const path of ['/', '/healthz', '/nothing', '/callcontroller/a/b', '/v1/calls', '/v1/calls/none'])
      for (const port of [rig.container.httpPort, webPort]) {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
        await answer.text();
        expect(answer.headers.get('X-Request-Id'), path).to.equal('mine');
      }
    for (const path of ['/', '/v1/calls', '/sipxconfig/rest/my/redirect/v1/calls'])
      for (const login of [[], [basic('user1', pinOf('user1'))]]) {
        const answer = await ask(rig.port, requestText('GET', path, ['X-Request-Id: mine', ...login]));
        expect(answer.headers('x-request-id'), path).to.deep.equal(['mine']);
      }
  });

  it('is in the lines of the request and of the call that it places, also through the redirect', async () => {
    const path = '/sipxconfig/rest/my/redirect/callcontroller/user1/user2';
    const login = basic('user1', pinOf('user1'));
    const { status } = await ask(rig.port, requestText('POST', path, ['X-Request-Id: order-1', login]));
    expect(status).to.equal(200);
    await rig.container.waitForLog('Call over', 10_000);
    await rig.container.waitForLog(`"path":"${path}"`, 5_000);
    const messages = linesWith('order-1').map(({ msg }) => msg);
    expect(messages).to.have.members(['Call placed', 'Call over', 'HTTP request', 'HTTP request']);
    const parties = { agent: 'user1@example.com', caller: 'user1@example.com', callee: 'user2@example.com' };
    for (const line of linesWith('order-1').filter(({ msg }) => String(msg).startsWith('Call ')))
      expect(line).to.include({ ...parties, method: 'Refer', client: '127.0.0.1' });
  });

  it('is in the lines of a call that /v1 places', async () => {
    const body = JSON.stringify({ caller: 'user3', callee: 'user4', method: 'refer' });
    const headers = { 'X-Request-Id': 'order-2', 'Content-Type': 'application/json' };
    const answer = await fetch(`${rig.container.url}/v1/calls`, { method: 'POST', headers, body });
    const { id } = (await answer.json()) as { readonly id: string };
    await rig.container.waitForLog(`"id":"${id}"`, 5_000);
    expect(linesWith('order-2').find(({ msg }) => msg === 'Call placed')).to.include({ id, client: '127.0.0.1' });
  });
});
