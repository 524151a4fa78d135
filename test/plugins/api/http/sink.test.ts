import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { WebhookTarget } from '../../../support/webhook-target.js';
import { ApiHost } from '../client.js';

const secret = `whsec_${Buffer.from('a secret of twenty-four').toString('base64')}`;

describe('The sink of a call', () => {
  let api: ApiHost;
  let sink: WebhookTarget;

  before(async () => {
    sink = await WebhookTarget.start();
    api = await ApiHost.start({ plugins: { api: { webhookNetworks: ['127.0.0.0/8'] } } });
  });

  after(async () => {
    await api?.host.stop();
    await sink.stop();
  });

  it('gets the events of that call, signed and in order, and no others', async () => {
    const order = { caller: 'busy', callee: 'user2', agent: 'user1', sink: { url: sink.url, secret } };
    const other = await api.send('POST', '/v1/calls', { ...order, sink: undefined }, { prefer: 'wait=10' });
    const { body: call } = await api.send('POST', '/v1/calls', order);
    expect(JSON.stringify(call)).not.to.include(secret);
    await sink.until(() => sink.hasEnded(call.id));
    expect(sink.sequences(call.id)).to.deep.equal([1, 2]);
    expect(sink.sequences(other.body.id)).to.deep.equal([]);
    for (const { headers, body } of sink.deliveries) {
      new Webhook(secret).verify(body, headers as Record<string, string>);
      expect(body).not.to.include(secret);
    }
  });
});
