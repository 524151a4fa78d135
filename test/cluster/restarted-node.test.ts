import { expect } from 'chai';
import { placeCall, send, Service, steer, waitForCall } from '../support/cluster/service.js';
import { freePorts } from '../support/ports.js';

describe('A node that is started again at its address', function () {
  this.timeout(90_000);

  let service: Service;

  before(async () => {
    service = await Service.start(0);
  });

  after(() => service.stop());

  it('takes its calls back that no other node has taken over', async () => {
    const sipPort = await freePorts();
    const node = await service.add({ sipPort });
    const { id } = await placeCall(node, { caller: 'user1', callee: 'user2', method: 'invite' });
    await waitForCall(node, id, ({ status }) => status === 'connected');
    await node.waitForLog('Joined the cluster', 5_000);
    await service.redis.whenConnected(id);

    process.kill(node.pid, 'SIGKILL');
    const again = await service.add({ sipPort });
    await waitForCall(again, id, ({ status }) => status === 'connected');
    expect(await steer(again, 'POST', `/v1/calls/${id}/hold`)).to.equal(202);
    await waitForCall(again, id, ({ isHeld }) => isHeld === true);
    await send(again, 'DELETE', `/v1/calls/${id}`);
    await waitForCall(again, id, ({ isFinal }) => isFinal);
  });
});
