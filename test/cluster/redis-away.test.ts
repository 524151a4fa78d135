import { expect } from 'chai';
import { callAt, placeCall, send, Service, waitForCall } from '../support/cluster/service.js';
import type { Container } from '../support/container.js';

describe('While Redis is away', function () {
  this.timeout(60_000);

  let service: Service;

  beforeEach(async () => {
    service = await Service.start(2);
  });

  afterEach(() => service.stop());

  it('calls go on, and all records and events are written when an empty Redis comes back', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const before = await placeCall(one, { caller: 'user1', callee: 'user2', method: 'invite' });
    await waitForCall(one, before.id, ({ status }) => status === 'connected');
    await waitForCall(other, before.id, ({ status }) => status === 'connected');
    expect(await readiness(one)).to.deep.equal({ code: 200, status: 'pass', redis: 'pass' });

    await service.redis.kill();
    await waitForReadiness(one, 'warn');
    const during = await placeCall(one, { caller: 'user3', callee: 'user2', method: 'invite' });
    await waitForCall(one, during.id, ({ status }) => status === 'connected');
    expect((await send(one, 'DELETE', `/v1/calls/${before.id}`)).status).to.equal(202);
    await waitForCall(one, before.id, ({ isFinal }) => isFinal);
    expect((await send(other, 'GET', `/v1/calls/${during.id}`)).status).to.equal(503);

    await service.redis.startAgain();
    await waitForReadiness(one, 'pass');
    await waitForReadiness(other, 'pass');
    await waitForCall(other, before.id, ({ isFinal }) => isFinal, 10_000);
    expect((await send(other, 'DELETE', `/v1/calls/${during.id}`)).status).to.equal(202);
    await waitForCall(one, during.id, ({ isFinal }) => isFinal);
  });

  it('a Redis that does not answer delays nobody, and no node is taken for dead', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    const { id } = await placeCall(one, { caller: 'user1', callee: 'user2', method: 'invite' });
    await waitForCall(other, id, ({ status }) => status === 'connected');
    service.redis.signal('SIGSTOP');
    await waitForReadiness(one, 'warn');
    const startedAtMs = performance.now();
    const during = await placeCall(one, { caller: 'user3', callee: 'user2', method: 'invite' });
    expect(performance.now() - startedAtMs).to.be.below(1_000);
    await waitForCall(one, during.id, ({ status }) => status === 'connected');
    // Longer than the lease of the nodes.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    service.redis.signal('SIGCONT');
    await waitForReadiness(one, 'pass');
    await waitForCall(other, during.id, ({ status }) => status === 'connected');
    expect((await callAt(one, id))?.isFinal).to.equal(false);
    expect((await callAt(one, id))?.node).to.equal((await callAt(other, id))?.node);
  });
});

async function readiness(node: Container): Promise<{ code: number; status: string; redis: string | undefined }> {
  const response = await send(node, 'GET', '/readyz');
  const { status, checks } = (await response.json()) as {
    readonly status: string;
    readonly checks: Readonly<Record<string, { readonly status: string }>>;
  };
  return { code: response.status, status, redis: checks['redis']?.status };
}

async function waitForReadiness(node: Container, wanted: string): Promise<void> {
  const endsAtMs = performance.now() + 15_000;
  for (;;) {
    const { redis } = await readiness(node);
    if (redis === wanted) return;
    if (performance.now() > endsAtMs) throw new Error(`redis is still ${redis}`);
  }
}
