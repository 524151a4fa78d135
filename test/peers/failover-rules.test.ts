import { expect } from 'chai';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { SipStack } from '../../container/sip/stack.js';
import type { Invitation } from '../../sdk/index.js';
import { KeptLog, Listener, nothingLeft, NOTHING_LEFT, SDP, T1_MS, takeCalls } from '../container/sip/rig.js';
import { type DnsServer, startDnsServer, type Zone } from '../support/peers/dns.js';
import { requirePeers } from '../support/peers/programs.js';
import { type Received, SipPeer } from '../support/sip-peer.js';

const SECRET = { userName: 'agent', password: '123' };
const CHALLENGE = 'Proxy-Authenticate: Digest realm="example.com", nonce="abc", algorithm=MD5, qop="auth"';
const invitation: Invitation = {
  uri: 'sip:phone@example.com',
  from: { uri: 'sip:agent@example.com' },
  to: 'sip:phone@example.com',
  body: SDP,
  credentials: SECRET,
};

/** Ranked: the first of two servers is to be asked first. Equal: either. */
type Domain = 'ranked' | 'equal';

describe('A call to a domain with two servers', () => {
  let first: SipPeer;
  let second: SipPeer;
  let dns: DnsServer;
  const stacks: SipStack[] = [];
  const log = new KeptLog();

  before(async function () {
    requirePeers(this, 'dnsmasq');
  });

  beforeEach(async () => {
    first = await SipPeer.open();
    second = await SipPeer.open();
    log.lines.length = 0;
  });

  afterEach(async () => {
    await Promise.all(stacks.splice(0).map((stack) => stack.close()));
    await dns?.stop();
    await first?.close();
    await second?.close();
  });

  async function open(zone: Zone, proxy: string, t1Ms: number): Promise<SipStack> {
    dns = await startDnsServer(zone);
    const options = { host: '127.0.0.1', port: 0, domain: 'example.com', secretOf: () => undefined };
    const stack = await SipStack.open({ ...options, t1Ms, proxy, resolvers: [dns.address], log });
    stacks.push(stack);
    return stack;
  }

  /** Places calls through the domain. @param t1Ms short where time-outs are waited for */
  async function caller(domain: Domain, t1Ms = 100) {
    const service = { name: '_sip._udp.example.com', target: 'server.example.com' };
    const stack = await open(
      {
        addresses: [{ name: 'server.example.com', address: '127.0.0.1' }],
        services: [
          { ...service, port: first.port, priority: 1, weight: 1 },
          { ...service, port: second.port, priority: domain === 'ranked' ? 2 : 1, weight: 1 },
        ],
      },
      'sip:example.com',
      t1Ms,
    );
    const sip = stack.forPlugin('controller', log);
    return {
      stack,
      call: () => {
        const listener = new Listener();
        return { listener, leg: sip.invite(invitation, listener) };
      },
    };
  }

  /** Which of the two got a message, and which did not. */
  async function whoGets(kind: string) {
    const taken = [first, second].map(async (peer) => ({ peer, message: await peer.take(kind) }));
    const { peer, message } = await Promise.any(taken);
    for (const each of taken) each.catch(() => undefined);
    return { peer, message, other: peer === first ? second : first };
  }

  describe('when the first answers 503', () => {
    it('goes to the second in a new transaction, and records the 503', async () => {
      const { call } = await caller('ranked');
      const { leg, listener } = call();
      const refused = await first.take('INVITE');
      first.reply(refused, 503);
      const repeated = await second.take('INVITE');
      second.reply(repeated, 200, { body: SDP.content });
      await listener.hears('200 final');

      expect(listener.heard).to.deep.equal(['503', '200 final']);
      expect(branchOf(await first.take('ACK'))).to.equal(branchOf(refused));
      expect(branchOf(repeated)).not.to.equal(branchOf(refused));
      expect(repeated.cseq).to.equal(refused.cseq + 1);
      for (const name of ['Call-ID', 'From', 'To', 'Contact', 'Route'])
        expect(repeated.header(name), name).to.equal(refused.header(name));
      expect(repeated.body).to.equal(refused.body);
      expect(repeated.startLine).to.equal(refused.startLine);
      await leg.sent;
    });

    it('and the next call goes to the second at once', async () => {
      const { call } = await caller('ranked');
      call();
      first.reply(await first.take('INVITE'), 503);
      second.reply(await second.take('INVITE'), 486);
      call();
      second.reply(await second.take('INVITE'), 486);
      await second.take('ACK');
      expect(first.all('INVITE')).to.have.length(1);
    });

    it('ends with 503 when the second answers that too, and the next call tries both again', async () => {
      const { call } = await caller('ranked');
      for (const listener of [call().listener, call().listener]) {
        first.reply(await first.take('INVITE'), 503);
        second.reply(await second.take('INVITE'), 503);
        await listener.hears('503 final');
        expect(listener.heard).to.deep.equal(['503', '503 final']);
      }
    });

    it('ends with 503 when it was cancelled', async () => {
      const { call } = await caller('ranked');
      const { leg, listener } = call();
      const invite = await first.take('INVITE');
      first.reply(invite, 180);
      await listener.hears('180');
      leg.cancel();
      first.reply(await first.take('CANCEL'), 200);
      first.reply(invite, 503);
      await listener.hears('503 final');
      expect(second.received).to.deep.equal([]);
    });
  });

  describe('when the first is silent', () => {
    it('goes to the second after four copies, which go to the first only', async () => {
      const t1Ms = 5 * T1_MS;
      const { call } = await caller('ranked', t1Ms);
      const { listener } = call();
      const invite = await second.take('INVITE');
      second.reply(invite, 200, { body: SDP.content });
      await listener.hears('200 final');

      const copies = first.all('INVITE');
      expect(copies).to.have.length(4);
      expect(new Set(copies.map(({ text }) => text)).size).to.equal(1);
      expect(invite.atMs).to.be.within(copies.at(-1)?.atMs ?? Infinity, (copies[0]?.atMs ?? 0) + 64 * t1Ms);
      expect(listener.heard).to.deep.equal(['200 final']);
    });

    it('and the next call goes to the second at once', async () => {
      const { call } = await caller('ranked', T1_MS);
      call();
      second.reply(await second.take('INVITE'), 486);
      const { listener } = call();
      second.reply(await second.take('INVITE'), 486);
      await listener.hears('486 final');
      expect(new Set(first.all('INVITE').map((invite) => invite.header('Call-ID'))).size).to.equal(1);
    });

    it('cancels the call at the first when that answers late with a 1xx', async () => {
      const { call, stack } = await caller('ranked', T1_MS);
      const { leg, listener } = call();
      const late = await first.take('INVITE');
      const invite = await second.take('INVITE');
      second.reply(invite, 180);
      await listener.hears('180');
      first.reply(late, 180, { tag: 'late' });
      const cancel = await first.take('CANCEL');
      expect(branchOf(cancel)).to.equal(branchOf(late));
      first.reply(cancel, 200);
      first.reply(late, 487, { tag: 'late' });
      await first.take('ACK');
      second.reply(invite, 200, { body: SDP.content });
      await listener.hears('200 final');
      leg.ack();
      await second.take('ACK');
      expect(listener.heard).to.deep.equal(['180', '180', '487', '200 final']);
      expect(second.all('CANCEL')).to.deep.equal([]);
      leg.bye();
      second.reply(await second.take('BYE'), 200);
      leg.release();
      expect(await nothingLeft(stack)).to.deep.equal(NOTHING_LEFT);
    });

    it('hangs up the call at the first when that answers late with a 2xx', async () => {
      const { call } = await caller('ranked', T1_MS);
      const { listener } = call();
      const late = await first.take('INVITE');
      const invite = await second.take('INVITE');
      first.reply(late, 200, { tag: 'late', body: SDP.content });
      await first.take('ACK');
      first.reply(await first.take('BYE'), 200);
      second.reply(invite, 200, { body: SDP.content });
      await listener.hears('200 final');
      expect(listener.heard).to.deep.equal(['200', '200 final']);
      expect(second.all('BYE')).to.deep.equal([]);
    });

    it('goes to the first again once that has answered', async () => {
      const { call } = await caller('ranked', T1_MS);
      call();
      const late = await first.take('INVITE');
      second.reply(await second.take('INVITE'), 486);
      first.reply(late, 486);
      await first.take('ACK');
      call();
      first.reply(await first.take('INVITE'), 486);
      await first.take('ACK');
      expect(second.all('INVITE')).to.have.length(1);
    });

    it('ends with 408 when the second is silent too, and waits for that one as long as for a single server', async () => {
      const { call, stack } = await caller('ranked', T1_MS);
      const { leg, listener } = call();
      const startMs = performance.now();
      await listener.hears('408 final local');
      expect(performance.now() - startMs).to.be.at.least(72 * T1_MS - 5);
      expect(listener.heard).to.deep.equal(['408 final local']);
      leg.release();
      expect(await nothingLeft(stack)).to.deep.equal(NOTHING_LEFT);
    });

    it('ends with 408 when it was cancelled', async () => {
      const { call } = await caller('ranked', T1_MS);
      const { leg, listener } = call();
      await first.take('INVITE');
      leg.cancel();
      await listener.hears('408 final local');
      expect(second.received).to.deep.equal([]);
    });
  });

  it('goes to the second when it cannot even be sent to the first', async () => {
    const service = { name: '_sip._udp.example.com', priority: 1 };
    const stack = await open(
      {
        addresses: [
          { name: 'one.example.com', address: '255.255.255.255' },
          { name: 'two.example.com', address: '127.0.0.1' },
        ],
        services: [
          { ...service, target: 'one.example.com' },
          { ...service, target: 'two.example.com', port: second.port, priority: 2 },
        ],
      },
      'sip:example.com',
      T1_MS,
    );
    const listener = new Listener();
    const leg = stack.forPlugin('controller', log).invite(invitation, listener);
    await leg.sent;
    second.reply(await second.take('INVITE'), 486);
    await listener.hears('486 final');
    expect(listener.heard).to.deep.equal(['486 final']);
    expect(log.lines).to.deep.equal(['SIP request not sent']);
  });

  it('goes to the second after T1 when nobody listens at the first', async () => {
    const { call } = await caller('ranked', 200);
    await first.close();
    const { leg, listener } = call();
    const startMs = performance.now();
    await leg.sent;
    const invite = await second.take('INVITE');
    expect(invite.atMs - startMs).to.be.within(190, 1000);
    second.reply(invite, 486);
    await listener.hears('486 final');
    expect(listener.heard).to.deep.equal(['486 final']);
    expect(log.lines).to.deep.equal(['SIP request not sent']);
    first = await SipPeer.open();
  });

  it('goes to the second over TCP when nobody listens at the first', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    const closedPort = typeof address === 'object' && address ? address.port : 0;
    closed.close();
    await once(closed, 'close');
    const server = await SipStack.open({
      host: '127.0.0.1',
      port: 0,
      t1Ms: 100,
      domain: 'example.com',
      proxy: 'sip:127.0.0.1',
      log,
      secretOf: () => undefined,
    });
    stacks.push(server);
    takeCalls(server.forPlugin('phone', log), (leg) => leg.reject(486));
    const service = { name: '_sip._tcp.example.com', target: 'server.example.com' };
    const stack = await open(
      {
        addresses: [{ name: 'server.example.com', address: '127.0.0.1' }],
        services: [
          { ...service, port: closedPort, priority: 1 },
          { ...service, port: server.port, priority: 2 },
        ],
      },
      'sip:example.com;transport=tcp',
      100,
    );
    const listener = new Listener();
    const leg = stack.forPlugin('controller', log).invite(invitation, listener);
    await leg.sent;
    await listener.hears('486 final');
    expect(listener.heard).to.deep.equal(['100', '486 final']);
  });

  it('is cancelled at the server to which it was sent', async () => {
    const { call } = await caller('equal');
    for (let count = 0; count < 10; count++) {
      const { leg, listener } = call();
      const { peer, message } = await whoGets('INVITE');
      peer.reply(message, 180);
      await listener.hears('180');
      leg.cancel();
      const cancel = await peer.take('CANCEL');
      expect(branchOf(cancel)).to.equal(branchOf(message));
      peer.reply(cancel, 200);
      peer.reply(message, 487);
      await listener.hears('487 final');
      await peer.take('ACK');
    }
  });

  it('answers a challenge to the server that it came from', async () => {
    const { call } = await caller('equal');
    for (let count = 0; count < 10; count++) {
      const { listener } = call();
      const { peer, message } = await whoGets('INVITE');
      peer.reply(message, 407, { headers: [CHALLENGE] });
      const answered = await peer.take('INVITE');
      expect(answered.header('Proxy-Authorization')).to.match(/^Digest /);
      peer.reply(answered, 486);
      await listener.hears('486 final');
    }
  });

  it('sends requests in its dialog to the other server when the one says 503', async () => {
    const { call } = await caller('ranked');
    const { leg, listener } = call();
    first.reply(await first.take('INVITE'), 200, { body: SDP.content, contact: '<sip:phone@example.com>' });
    await listener.hears('200 final');
    leg.ack();
    leg.send('INFO', {}, listener.response);
    const refused = await first.take('INFO');
    first.reply(refused, 503);
    const repeated = await second.take('INFO');
    second.reply(repeated, 200);
    await listener.hears('200 final', 2);
    expect(listener.heard).to.deep.equal(['200 final', '503', '200 final']);
    expect(repeated.cseq).to.equal(refused.cseq + 1);
    expect(branchOf(repeated)).not.to.equal(branchOf(refused));
  });
});

function branchOf(message: Received): string {
  return /;branch=([^;]+)/.exec(message.header('Via'))?.[1] ?? '';
}
