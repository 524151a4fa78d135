import { expect } from 'chai';
import { callAt, nameOf, placeCall, send, Service, waitForCall } from '../support/cluster/service.js';

describe('Any node answers for all calls', function () {
  this.timeout(90_000);

  let service: Service;

  before(async () => {
    service = await Service.start(2);
  });

  after(() => service.stop());

  it('shows a call of another node, with the name of that node', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const { id } = await placeCall(one, { caller: 'user1', callee: 'user2', method: 'invite' });
    const call = await waitForCall(other, id, ({ status }) => status === 'connected');
    expect(call.node).to.equal(nameOf(one));
    await send(one, 'DELETE', `/v1/calls/${id}`);
    await waitForCall(other, id, ({ isFinal }) => isFinal);
  });

  it('holds, resumes, transfers and hangs up a call of another node', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const { id } = await placeCall(one, { caller: 'user1', callee: 'user2', method: 'invite' });
    await waitForCall(other, id, ({ status }) => status === 'connected');
    expect((await send(other, 'POST', `/v1/calls/${id}/hold`)).status).to.equal(202);
    await waitForCall(other, id, ({ isHeld }) => isHeld === true);
    expect((await send(other, 'POST', `/v1/calls/${id}/resume`)).status).to.equal(202);
    await waitForCall(other, id, ({ isHeld }) => isHeld === false);
    expect((await send(other, 'POST', `/v1/calls/${id}/transfer`, { target: 'user3' })).status).to.equal(202);
    await waitForCall(other, id, ({ legs }) => legs.filter(({ state }) => state === 'ended').length === 1);
    expect((await send(other, 'DELETE', `/v1/calls/${id}`)).status).to.equal(202);
    const { reason } = await waitForCall(other, id, ({ isFinal }) => isFinal);
    expect(reason?.code).to.equal('hangUp');
  });

  it('refuses actions that the state of a call of another node does not allow', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const { id } = await placeCall(one, { caller: 'noanswer', callee: 'user2', method: 'invite' });
    await waitForCall(other, id, ({ status }) => status === 'callingCaller');
    const response = await send(other, 'POST', `/v1/calls/${id}/hold`);
    expect(response.status).to.equal(409);
    expect(((await response.json()) as { code: string }).code).to.equal('wrong-state');
    expect((await send(other, 'DELETE', `/v1/calls/${id}`)).status).to.equal(202);
    const { reason } = await waitForCall(one, id, ({ isFinal }) => isFinal);
    expect(reason?.code).to.equal('cancelled');
  });

  it('shows and steers it by the URLs of the service description', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const path = '/callcontroller/user1/user3';
    expect((await one.post(`${path}?sipMethod=Invite`)).status).to.equal(200);
    await waitForDocument(other, path, /Confirmed Dialog[^]*Confirmed Dialog/);
    expect((await other.post(`${path}?sipMethod=Invite`)).status).to.equal(406);
    expect((await other.post(`${path}?action=Hold`)).status).to.equal(200);
    expect((await other.post(`${path}?action=Hangup`)).status).to.equal(200);
    await waitForDocument(other, path, /Terminated Dialog[^]*Terminated Dialog/);
    expect((await other.post(`${path}?action=Hangup`)).status).to.equal(406);
  });

  it('replaces a Refer call of another node with the same key', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const order = { caller: 'noanswer', callee: 'user1', method: 'refer' };
    const first = await placeCall(one, order);
    await waitForCall(other, first.id, ({ status }) => status === 'callingCaller');
    const second = await placeCall(other, order);
    const { reason } = await waitForCall(other, first.id, ({ isFinal }) => isFinal);
    expect(reason?.code).to.equal('replaced');
    expect((await callAt(one, second.id))?.isFinal).to.equal(false);
    await send(one, 'DELETE', `/v1/calls/${second.id}`);
  });

  it('lists the calls of all nodes, newest first, in pages that leave none out', async () => {
    const ids: string[] = [];
    const tags = { test: 'pages' };
    for (let index = 0; index < 5; index++) {
      const node = service.node(index % 2);
      ids.unshift((await placeCall(node, { caller: 'busy', callee: 'user1', tags })).id);
    }
    await Promise.all(ids.map(async (id) => waitForCall(service.node(0), id, ({ isFinal }) => isFinal)));
    await Promise.all(ids.map(async (id) => waitForCall(service.node(1), id, ({ isFinal }) => isFinal)));
    const listed: string[] = [];
    let path: string | undefined = '/v1/calls?tag.test=pages&limit=2';
    for (let page = 0; path !== undefined; page++) {
      const response = await send(service.node(page % 2), 'GET', path);
      const { items, next } = (await response.json()) as { items: { id: string }[]; next?: string };
      listed.push(...items.map(({ id }) => id));
      path = next === undefined ? undefined : `/v1/calls?tag.test=pages&limit=2&cursor=${next}`;
    }
    expect(listed).to.deep.equal(ids);
  });

  it('answers an idempotent request once, whichever node gets it', async () => {
    const order = { caller: 'busy', callee: 'user2' };
    const headers = { 'Idempotency-Key': 'one-call' };
    const [first, second] = await Promise.all(
      service.nodes.map(async (node) => send(node, 'POST', '/v1/calls', order, headers)),
    );
    expect([first?.status, second?.status]).to.deep.equal([201, 201]);
    expect(first?.headers.get('location')).to.equal(second?.headers.get('location'));
    const other = await send(service.node(1), 'POST', '/v1/calls', { ...order, callee: 'user3' }, headers);
    expect(other.status).to.equal(422);
  });
});

async function waitForDocument(
  node: { get(path: string): Promise<Response> },
  path: string,
  wanted: RegExp,
): Promise<void> {
  const endsAtMs = performance.now() + 5_000;
  for (;;) {
    const document = await (await node.get(path)).text();
    if (wanted.test(document)) return;
    if (performance.now() > endsAtMs) throw new Error(`not as wanted: ${document}`);
  }
}
