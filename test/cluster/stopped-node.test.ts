import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { nameOf, placeCall, send, Service, waitForCall } from '../support/cluster/service.js';

describe('A node that is stopped for longer than its lease', function () {
  this.timeout(90_000);

  let service: Service;

  before(async () => {
    // The liveness check falls due while the node is stopped.
    service = await Service.start(2, { plugins: { callcontroller: { liveness: 4 } } }, 1);
  });

  after(() => service.stop());

  it('sends nothing to the telephones of its former calls when it resumes, and places new calls', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const { id } = await placeCall(one, { caller: 'user1', callee: 'user2', method: 'invite' });
    await waitForCall(other, id, ({ status }) => status === 'connected');
    // The time limit of this INVITE also ends in that time.
    const ringing = { caller: 'noanswer', callee: 'user2', method: 'invite', timeoutSeconds: 5 };
    const lost = await placeCall(one, ringing);
    await waitForCall(other, lost.id, ({ legs }) => legs[0]?.state === 'ringing');
    await service.redis.whenConnected(id);

    process.kill(one.pid, 'SIGSTOP');
    await waitForCall(other, id, ({ node }) => node === nameOf(other), 15_000);
    await waitForCall(other, lost.id, ({ reason }) => reason?.code === 'lost');
    const said = service.requestsOf(one).length;
    const hangUp = send(one, 'DELETE', `/v1/calls/${id}`);
    process.kill(one.pid, 'SIGCONT');
    await one.waitForLog('Other nodes have taken this one for dead', 5_000);
    expect((await hangUp).status).to.equal(202);
    const { reason, node } = await waitForCall(other, id, ({ isFinal }) => isFinal);
    expect({ reason: reason?.code, node }).to.deep.equal({ reason: 'hangUp', node: nameOf(other) });
    // Unanswered requests would have been retransmitted by now.
    await delay(1_500);
    expect(service.requestsOf(one).slice(said)).to.deep.equal([]);
    expect(service.requestsOf(other).filter(({ kind }) => kind === 'BYE')).to.have.length(2);
    expect((await placeCall(one, { caller: 'busy', callee: 'user2' })).node).to.equal(nameOf(one));
  });
});
