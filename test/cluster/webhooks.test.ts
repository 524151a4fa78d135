import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { nameOf, placeCall, send, Service, waitForCall } from '../support/cluster/service.js';
import { WebhookTarget } from '../support/webhook-target.js';

const secret = `whsec_${Buffer.from('a secret of twenty-four').toString('base64')}`;

describe('Webhooks of several nodes', function () {
  this.timeout(120_000);

  let service: Service;
  let hook: WebhookTarget;
  let sink: WebhookTarget;

  beforeEach(async () => {
    [hook, sink] = await Promise.all([WebhookTarget.start(), WebhookTarget.start()]);
    const webhooks = [{ url: hook.url, secret }];
    service = await Service.start(1, { plugins: { api: { webhooks, webhookNetworks: ['127.0.0.0/8'] } } });
    // The first node sends the events.
    await service.node(0).waitForLog('This node has the duty', 30_000);
    await service.add();
  });

  afterEach(async () => {
    await service.stop();
    await Promise.all([hook.stop(), sink.stop()]);
  });

  /** A busy call: its last event is the second. */
  async function placeBusy(index: number): Promise<string> {
    const order = { caller: 'busy', callee: 'user2', sink: { url: sink.url, secret } };
    const { id } = await placeCall(service.node(index), order);
    return id;
  }

  it('tell of a call once, in order, whichever node has it, and its sink', async () => {
    const ids = [await placeBusy(0), await placeBusy(1)];
    const isTold = (target: WebhookTarget) => (): boolean => ids.every((id) => target.sequences(id).includes(2));
    await Promise.all([hook.until(isTold(hook)), sink.until(isTold(sink))]);
    const last = await placeBusy(1);
    await Promise.all([hook, sink].map((target) => target.until(() => target.sequences(last).includes(2))));
    for (const target of [hook, sink]) {
      for (const id of [...ids, last]) expect(target.sequences(id)).to.deep.equal([1, 2]);
      for (const { headers, body } of target.deliveries)
        new Webhook(secret).verify(body, headers as Record<string, string>);
    }
  });

  it('get waiting and new events from another node when the sending node dies', async () => {
    const [one, other] = [service.node(0), service.node(1)];
    hook.status = 503;
    sink.status = 503;
    const waiting = await placeBusy(0);
    const order = { caller: 'user1', callee: 'user2', method: 'invite', sink: { url: sink.url, secret } };
    const { id: connected } = await placeCall(one, order);
    await waitForCall(other, connected, ({ status }) => status === 'connected');
    await service.redis.whenConnected(connected);
    await Promise.all([hook, sink].map((target) => target.until(() => target.sequences(waiting).includes(1))));

    process.kill(one.pid, 'SIGKILL');
    hook.status = 204;
    sink.status = 204;
    await waitForCall(other, connected, ({ node }) => node === nameOf(other), 30_000);
    expect((await send(other, 'DELETE', `/v1/calls/${connected}`)).status).to.equal(202);
    for (const target of [hook, sink]) {
      await target.until(() => target.sequences(waiting).includes(2) && target.hasEnded(connected));
      for (const id of [waiting, connected]) expectInOrder(target.sequences(id));
    }
  });

  it('get after a restart the events that were not delivered before', async () => {
    hook.status = 503;
    const id = await placeBusy(1);
    await hook.until(() => hook.sequences(id).includes(1));
    await Promise.all(service.nodes.map((node) => node.stop()));
    hook.status = 204;
    await service.add();
    await hook.until(() => hook.sequences(id).includes(2));
    expectInOrder(hook.sequences(id));
  });
});

/** Every event in order; an event may be repeated before the next one. */
function expectInOrder(sequences: readonly number[]): void {
  expect(sequences).to.deep.equal(sequences.toSorted((one, other) => one - other));
  const last = sequences.at(-1) ?? 0;
  expect([...new Set(sequences)]).to.deep.equal(Array.from({ length: last }, (_, index) => index + 1));
}
