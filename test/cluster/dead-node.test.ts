import { expect } from 'chai';
import { callAt, nameOf, placeCall, send, Service, waitForCall } from '../support/cluster/service.js';

describe('When a node dies', function () {
  this.timeout(60_000);

  let service: Service;

  beforeEach(async () => {
    service = await Service.start(2);
  });

  afterEach(() => service.stop());

  it('records of ended calls remain, and a call in setup is reported lost within 10 s', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const finished = await placeCall(one, { caller: 'busy', callee: 'user2' });
    await waitForCall(other, finished.id, ({ isFinal }) => isFinal);
    const ringing = await placeCall(one, { caller: 'noanswer', callee: 'user2', method: 'refer' });
    await waitForCall(other, ringing.id, ({ legs }) => legs[0]?.state === 'ringing');

    process.kill(one.pid, 'SIGKILL');
    const lost = await waitForCall(other, ringing.id, ({ isFinal }) => isFinal, 10_000);
    expect(lost.status).to.equal('failed');
    expect(lost.reason).to.deep.equal({ code: 'lost', by: 'controller' });
    expect(lost.node).to.equal(nameOf(other));
    expect((await callAt(other, finished.id))?.reason?.code).to.equal('callerBusy');
    const document = await (await other.get('/callcontroller/noanswer/user2')).text();
    expect(document).to.match(/180 Ringing/);
    expect((await send(other, 'DELETE', `/v1/calls/${ringing.id}`)).status).to.equal(200);
  });

  it('a connected call is held, resumed, transferred and hung up on another node within 10 s', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const { id } = await placeCall(one, { caller: 'user1', callee: 'user2', method: 'invite' });
    await waitForCall(other, id, ({ status }) => status === 'connected');
    await service.redis.whenConnected(id);

    process.kill(one.pid, 'SIGKILL');
    const taken = await waitForCall(other, id, ({ node }) => node === nameOf(other), 10_000);
    expect(taken.status).to.equal('connected');
    expect((await send(other, 'POST', `/v1/calls/${id}/hold`)).status).to.equal(202);
    await waitForCall(other, id, ({ isHeld }) => isHeld === true);
    expect((await send(other, 'POST', `/v1/calls/${id}/resume`)).status).to.equal(202);
    await waitForCall(other, id, ({ isHeld }) => isHeld === false);
    expect((await send(other, 'POST', `/v1/calls/${id}/transfer`, { target: 'user3' })).status).to.equal(202);
    await waitForCall(other, id, ({ legs }) => legs.filter(({ state }) => state === 'ended').length === 1);
    expect((await send(other, 'DELETE', `/v1/calls/${id}`)).status).to.equal(202);
    // The call is over with the BYEs, a leg when its BYE is answered.
    const ended = await waitForCall(
      other,
      id,
      ({ isFinal, legs }) => isFinal && legs.every(({ state }) => state === 'ended'),
    );
    expect(ended.reason?.code).to.equal('hangUp');
  });
});
