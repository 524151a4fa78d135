import { expect } from 'chai';
import { SipStack } from '../../container/sip/stack.js';
import type { OutOfDialogRequest, Sip, SipResponse } from '../../sdk/index.js';
import { KeptLog } from '../container/sip/rig.js';
import { type DnsServer, startDnsServer } from '../support/peers/dns.js';
import { requirePeers } from '../support/peers/programs.js';
import { SipPeer } from '../support/sip-peer.js';

const message: OutOfDialogRequest = {
  method: 'MESSAGE',
  uri: 'sip:phone@example.com',
  from: { uri: 'sip:agent@example.com' },
  to: 'sip:phone@example.com',
  body: { contentType: 'text/plain', content: 'Hello' },
};

describe('A request outside calls to a domain with two servers', () => {
  let first: SipPeer;
  let second: SipPeer;
  let dns: DnsServer;
  let stack: SipStack;
  let sip: Sip;

  before(function () {
    requirePeers(this, 'dnsmasq');
  });

  beforeEach(async () => {
    first = await SipPeer.open();
    second = await SipPeer.open();
    const server = { name: '_sip._udp.example.com', target: 'server.example.com', weight: 1 };
    dns = await startDnsServer({
      addresses: [{ name: 'server.example.com', address: '127.0.0.1' }],
      services: [first, second].map(({ port }, index) => ({ ...server, port, priority: index + 1 })),
    });
    const log = new KeptLog();
    stack = await SipStack.open({
      host: '127.0.0.1',
      port: 0,
      t1Ms: 50,
      domain: 'example.com',
      proxy: 'sip:example.com',
      resolvers: [dns.address],
      log,
      secretOf: () => undefined,
    });
    sip = stack.forPlugin('messenger', log);
  });

  afterEach(async () => {
    await stack?.close();
    await dns?.stop();
    await first?.close().catch(() => undefined); // a test may have closed it
    await second?.close();
  });

  it('goes to the second one when the first answers 503, with its own body', async () => {
    const sending = sip.request(message);
    first.reply(await first.take('MESSAGE'), 503);
    const again = await second.take('MESSAGE');
    expect([again.cseq, again.body]).to.deep.equal([2, 'Hello']);
    second.reply(again, 200);
    expect(await sending).to.include({ status: 200, local: false });
  });

  it('goes to the second one when nobody listens at the first', async () => {
    await first.close();
    const sending = sip.request(message);
    second.reply(await second.take('MESSAGE'), 200);
    expect(await sending).to.include({ status: 200 });
  });

  it('is delivered only once to a phone that is slow to answer', async () => {
    const response: SipResponse = await sip.request(message);
    expect(response).to.include({ status: 408, local: true });
    expect(second.received).to.deep.equal([]);
  });

  it('subscribes at the second one', async () => {
    const subscription = { ...message, event: 'presence', expiresSeconds: 60 };
    sip.subscribe(subscription, {});
    first.reply(await first.take('SUBSCRIBE'), 503);
    expect((await second.take('SUBSCRIBE')).header('Event')).to.equal('presence');
  });
});
