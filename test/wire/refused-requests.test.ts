import { expect } from 'chai';
import { ask, basic, requestText } from '../support/outside/exchange.js';
import { type OutsideRig, pinOf, startOutside } from '../support/outside/rig.js';

type Line = Readonly<Record<string, unknown>>;

const PIN = '4711-0815';

describe('A request that is refused', function () {
  this.timeout(20_000);
  let rig: OutsideRig;

  before(async () => {
    rig = await startOutside({ sipT1Ms: 10, limits: { recordsKept: 2 } });
  });

  after(() => rig?.stop());

  function refusals(requestId: string): Line[] {
    const lines = rig.container.logLines().map((line) => JSON.parse(line) as Line);
    return lines.filter((line) => line['msg'] === 'Request refused' && line['requestId'] === requestId);
  }

  async function send(requestId: string, method: string, path: string, body = '', type = 'application/json') {
    const headers = { 'X-Request-Id': requestId, ...(body && { 'Content-Type': type }) };
    const response = await fetch(rig.container.url + path, { method, headers, ...(body && { body }) });
    await response.text();
    return response.status;
  }

  it('is logged at info with its sender and the reason', async () => {
    const path = '/callcontroller/user2/user3';
    const login = basic('user1', pinOf('user1'));
    const answer = await ask(rig.port, requestText('POST', path, ['X-Request-Id: not-agent', login]));
    expect(answer.status).to.equal(403);
    await rig.container.waitForLog('"not-agent"', 5_000);
    const [line] = refusals('not-agent');
    const who = { client: '127.0.0.1', user: 'user1', method: 'POST', path };
    expect(line).to.include({ level: 'info', status: 403, ...who });
    expect(line?.['reason']).to.include('on behalf of others');
  });

  it('is logged when a limit of an agent or of the container is reached', async () => {
    expect(await send('first', 'POST', '/v1/calls', orderOf('user4'))).to.equal(201);
    expect(await send('own', 'POST', '/v1/calls', orderOf('user4'))).to.equal(429);
    expect(await send('second', 'POST', '/v1/calls', orderOf('user5'))).to.equal(201);
    expect(await send('full', 'POST', '/v1/calls', orderOf('user6'))).to.equal(503);
    expect(await send('full-url', 'POST', '/callcontroller/user6/user1')).to.equal(503);
    await rig.container.waitForLog('"full-url"', 5_000);
    expect(refusals('own')[0]?.['reason']).to.match(/^recordsKept: .*user4@example\.com/);
    for (const id of ['full', 'full-url']) {
      expect(refusals(id)[0], id).to.include({ level: 'info', status: 503, client: '127.0.0.1' });
      expect(refusals(id)[0]?.['reason']).to.match(/^recordsKept: /);
    }
  });

  it('has no PIN in it, wherever the request had one', async () => {
    const path = '/callcontroller/user1/user2';
    const form = 'application/x-www-form-urlencoded';
    const statuses = [
      await send('query', 'POST', `${path}?confpin=${PIN}`),
      await send('form', 'POST', path, `confpin=${PIN}`, form),
      await send('value', 'POST', '/v1/calls', JSON.stringify({ caller: 'user1', conferencePin: PIN })),
      await send('json', 'POST', '/v1/calls', `{"conferencePin":"${PIN}",}`),
      await send('word', 'POST', '/v1/calls', PIN),
    ];
    expect(statuses).to.deep.equal([400, 400, 400, 400, 400]);
    await rig.container.waitForLog('"word"', 5_000);
    for (const id of ['query', 'form', 'value', 'json', 'word']) expect(refusals(id), id).to.have.length(1);
    expect(rig.container.logLines().join('\n')).not.to.include(PIN);
  });

  it('has none for a request without credentials, or for a missing resource', async () => {
    const { status } = await ask(rig.port, requestText('GET', '/v1/calls', ['X-Request-Id: anonymous']));
    expect([status, await send('nothing', 'GET', '/v1/calls/none')]).to.deep.equal([401, 404]);
    await send('after', 'POST', '/callcontroller/user1/user2?timeout=x');
    await rig.container.waitForLog('"after"', 5_000);
    expect([...refusals('anonymous'), ...refusals('nothing')]).to.deep.equal([]);
  });
});

function orderOf(caller: string): string {
  return JSON.stringify({ caller, callee: 'user1' });
}
