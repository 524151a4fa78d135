import { expect } from 'chai';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { SipStack } from '../../../container/sip/stack.js';
import type { TlsOptions } from '../../../container/sip/transports.js';
import type { Invitation, OutgoingLeg } from '../../../sdk/index.js';
import { type Authority, createAuthority } from '../../support/certificates.js';
import { textOf, type StreamMessage, StreamPeer, type StreamPeerOptions } from '../../support/stream-peer.js';
import { KeptLog, Listener, NOTHING_LEFT, nothingLeft, SDP, takeCalls } from './rig.js';
import { closed } from './stream-rig.js';

const CONTACT = 'Contact: <sip:phone@192.0.2.1:5060>';

describe('A call over a connection', () => {
  const closers: (() => Promise<void>)[] = [];
  let authority: Authority;
  let tls: TlsOptions;
  let log: KeptLog;

  before(async () => {
    authority = await createAuthority();
    const identity = { ...(await authority.issue('127.0.0.1')), ca: await readFile(authority.caFile, 'utf8') };
    tls = { port: 0, identity };
  });

  after(async () => {
    await authority.remove();
  });

  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  async function openPeer(options: StreamPeerOptions = {}): Promise<StreamPeer> {
    const peer = await StreamPeer.open(options);
    closers.push(() => peer.close());
    return peer;
  }

  async function openStack(proxy: string, t1Ms = 100): Promise<SipStack> {
    log = new KeptLog();
    const stack = await SipStack.open({
      host: '127.0.0.1',
      port: 0,
      tls,
      t1Ms,
      domain: 'example.com',
      proxy,
      log,
      secretOf: () => undefined,
    });
    closers.push(() => stack.close());
    return stack;
  }

  /** A proxy over UDP. */
  async function udpProxy(port: number): Promise<{ port: number; invite(): Promise<string> }> {
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    const datagrams: string[] = [];
    socket.on('message', (datagram) => datagrams.push(datagram.toString()));
    closers.push(async () => void socket.close());
    const invite = async (): Promise<string> => {
      while (datagrams.length === 0) await once(socket, 'message', { signal: AbortSignal.timeout(3000) });
      return datagrams.splice(0).join('');
    };
    return { port: socket.address().port, invite };
  }

  function call(stack: SipStack, listener: Listener, invitation: Partial<Invitation> = {}): OutgoingLeg {
    const uri = 'sip:phone@example.com';
    const from = { uri: 'sip:agent@example.com' };
    return stack
      .forPlugin(`controller${closers.length}`, new KeptLog())
      .invite({ uri, from, to: uri, body: SDP, ...invitation }, listener);
  }

  /** A call that a peer has answered, and that was acknowledged. */
  async function talk(stack: SipStack, peer: StreamPeer): Promise<{ leg: OutgoingLeg; invite: StreamMessage }> {
    const listener = new Listener();
    const leg = call(stack, listener);
    const invite = await peer.take('INVITE');
    peer.reply(invite, 200, [CONTACT, `Record-Route: <sip:127.0.0.1:${peer.port};transport=tcp;lr>`]);
    await listener.hears('200 final');
    leg.ack();
    await peer.take('ACK');
    return { leg, invite };
  }

  describe('that this side places', () => {
    it('names TCP in Via and Contact, and takes one connection for all its messages', async () => {
      const peer = await openPeer();
      const stack = await openStack(`sip:127.0.0.1:${peer.port};transport=tcp`, 20);
      const { leg, invite } = await talk(stack, peer);
      expect(invite.header('Via')).to.match(new RegExp(`^SIP/2.0/TCP 127.0.0.1:${stack.port};branch=`));
      expect(invite.header('Contact')).to.match(
        new RegExp(`^<sip:controller\\d+@127.0.0.1:${stack.port};transport=tcp>$`),
      );
      leg.bye();
      peer.reply(await peer.take('BYE'), 200);
      leg.release();
      expect(await nothingLeft(stack)).to.deep.equal(NOTHING_LEFT);
      expect(peer.sockets).to.have.length(1);
    });

    it('sends nothing again over TCP, however long the answer takes', async () => {
      const peer = await openPeer();
      const stack = await openStack(`sip:127.0.0.1:${peer.port};transport=tcp`, 10);
      const listener = new Listener();
      call(stack, listener).release();
      await listener.hears('408 final local');
      expect(peer.messages.map(({ kind }) => kind)).to.deep.equal(['INVITE']);
      expect(await nothingLeft(stack)).to.deep.equal(NOTHING_LEFT);
    });

    it('names TLS in Via and Contact for ;transport=tls', async () => {
      const peer = await openPeer({ tls: await authority.issue('127.0.0.1') });
      const stack = await openStack(`sip:127.0.0.1:${peer.port};transport=tls`);
      call(stack, new Listener()).release();
      const invite = await peer.take('INVITE');
      expect(invite.header('Via')).to.match(new RegExp(`^SIP/2.0/TLS 127.0.0.1:${stack.tlsPort};branch=`));
      expect(invite.header('Contact')).to.match(new RegExp(`@127.0.0.1:${stack.tlsPort};transport=tls>$`));
    });

    it('has a sips: Contact where the proxy is one of sips:, and is found under it', async () => {
      const peer = await openPeer({ tls: await authority.issue('127.0.0.1') });
      const stack = await openStack(`sips:127.0.0.1:${peer.port}`);
      const listener = new Listener();
      const leg = call(stack, listener);
      const invite = await peer.take('INVITE');
      expect(invite.header('Contact')).to.match(new RegExp(`^<sips:controller\\d+@127.0.0.1:${stack.tlsPort}>$`));
      peer.reply(invite, 200, [`Contact: <sips:phone@127.0.0.1:${peer.port}>`]);
      await listener.hears('200 final');
      leg.ack();
      await peer.take('ACK');
      await peer.sendTo(inDialog('BYE', invite, peer), stack.tlsPort);
      await peer.take('200 BYE');
      leg.release();
    });

    it('ends with 503 at once when nobody listens, and the log says why', async () => {
      const peer = await StreamPeer.open();
      const { port } = peer;
      await peer.close();
      const stack = await openStack(`sip:127.0.0.1:${port};transport=tcp`);
      const listener = new Listener();
      const leg = call(stack, listener);
      expect(await leg.sent.catch(String)).to.match(/No connection to 127\.0\.0\.1 port \d+ over TCP: .*ECONNREFUSED/);
      await listener.hears('503 final local', 1, 500);
      leg.release();
      expect(log.lines).to.deep.equal(['SIP request not sent']);
    });

    it('ends with 503 at once when the server dies before it answers', async () => {
      const peer = await openPeer();
      const stack = await openStack(`sip:127.0.0.1:${peer.port};transport=tcp`);
      const listener = new Listener();
      const leg = call(stack, listener);
      await peer.take('INVITE');
      await peer.close();
      await listener.hears('503 final local', 1, 500);
      leg.release();
      expect(listener.heard).to.deep.equal(['503 final local']);
    });

    it('ends with 503 at once when the server dies while the phone rings', async () => {
      const peer = await openPeer();
      const stack = await openStack(`sip:127.0.0.1:${peer.port};transport=tcp`);
      const listener = new Listener();
      const leg = call(stack, listener);
      peer.reply(await peer.take('INVITE'), 180);
      await listener.hears('180');
      await peer.close();
      await listener.hears('503 final local', 1, 500);
      leg.release();
    });

    it('goes on over a new connection when the server closes the old one, with the same transaction', async () => {
      const peer = await openPeer();
      const stack = await openStack(`sip:127.0.0.1:${peer.port};transport=tcp`);
      const listener = new Listener();
      const leg = call(stack, listener);
      const first = await peer.take('INVITE');
      first.socket.resetAndDestroy();
      const second = await peer.take('INVITE');
      expect(second.text).to.equal(first.text);
      peer.reply(second, 180);
      peer.reply(second, 486);
      await listener.hears('486 final');
      expect((await peer.take('ACK')).socket).to.equal(second.socket);
      leg.release();
    });

    it('hears the answer that the server sends on a connection of its own', async () => {
      const peer = await openPeer();
      const stack = await openStack(`sip:127.0.0.1:${peer.port};transport=tcp`);
      const listener = new Listener();
      const leg = call(stack, listener);
      const invite = await peer.take('INVITE');
      peer.reply(invite, 180);
      await listener.hears('180');
      const lost = closed(invite.socket);
      invite.socket.resetAndDestroy();
      await lost;
      peer.reply(invite, 486);
      await listener.hears('486 final');
      leg.release();
    });
  });

  describe('that begins with a large request', () => {
    it('takes TCP although the proxy is reached over UDP, and says so in the Via', async () => {
      const peer = await openPeer();
      await udpProxy(peer.port);
      const stack = await openStack(`sip:127.0.0.1:${peer.port}`);
      const leg = call(stack, new Listener(), subject(1000));
      const invite = await peer.take('INVITE');
      leg.release();
      expect(invite.header('Via')).to.match(new RegExp(`^SIP/2.0/TCP 127.0.0.1:${stack.port};`));
      expect(Buffer.byteLength(invite.text)).to.be.above(1300);
    });

    it('sends the CANCEL over TCP too, small as it is', async () => {
      const peer = await openPeer();
      await udpProxy(peer.port);
      const stack = await openStack(`sip:127.0.0.1:${peer.port}`);
      const leg = call(stack, new Listener(), subject(1000));
      peer.reply(await peer.take('INVITE'), 180);
      leg.cancel();
      expect((await peer.take('CANCEL')).header('Via')).to.match(/^SIP\/2\.0\/TCP /);
      leg.release();
    });

    it('takes UDP where the proxy takes no TCP', async () => {
      const proxy = await udpProxy(0);
      const stack = await openStack(`sip:127.0.0.1:${proxy.port}`);
      const leg = call(stack, new Listener(), subject(1000));
      const invite = await proxy.invite();
      leg.release();
      expect(invite).to.match(new RegExp(`\r\nVia: SIP/2.0/UDP 127.0.0.1:${stack.port};`));
    });

    it('stays on UDP up to 1300 bytes', async () => {
      const peer = await openPeer();
      const proxy = await udpProxy(peer.port);
      const stack = await openStack(`sip:127.0.0.1:${peer.port}`);
      const leg = call(stack, new Listener(), subject(100));
      const length = Buffer.byteLength(await proxy.invite());
      leg.release();
      const other = call(stack, new Listener(), subject(100 + 1299 - length));
      expect(Buffer.byteLength(await proxy.invite())).to.be.within(1295, 1300);
      other.release();
      expect(peer.sockets).to.have.length(0);
    });
  });

  describe('that somebody else places', () => {
    it('is answered on the connection that it came on, and offers TCP for what follows', async () => {
      const peer = await openPeer();
      const stack = await openStack('sip:127.0.0.1:9');
      const taken = takeCalls(stack.forPlugin('controller', new KeptLog()), (leg) => leg.progress(180));
      await arrive(peer, `sip:controller@127.0.0.1:${stack.port};transport=tcp`, stack.port);
      const { leg } = await taken();
      leg.accept(SDP);
      const answer = await peer.take('200 INVITE');
      const local = answer.socket.localPort;
      expect(answer.header('Via')).to.match(new RegExp(`;received=127.0.0.1;rport=${local}$`));
      expect(answer.header('Contact')).to.equal(`<sip:controller@127.0.0.1:${stack.port};transport=tcp>`);
      expect(peer.sockets).to.have.length(1);
      leg.release();
    });

    it('is answered on a new connection to the port of its Via when the old one is gone', async () => {
      const peer = await openPeer();
      const stack = await openStack('sip:127.0.0.1:9');
      const taken = takeCalls(stack.forPlugin('controller', new KeptLog()));
      await arrive(peer, `sip:controller@127.0.0.1:${stack.port}`, stack.port);
      const { leg } = await taken();
      const { socket } = await peer.take('100 INVITE');
      const lost = closed(socket);
      socket.end();
      await lost;
      leg.reject(486);
      const answer = await peer.take('486 INVITE');
      expect(answer.socket).to.not.equal(socket);
      leg.release();
    });

    it('is taken under a sips: address over TLS, and refused under one over TCP', async () => {
      const stack = await openStack('sip:127.0.0.1:9');
      const taken = takeCalls(stack.forPlugin('controller', new KeptLog()), (leg) => leg.accept(SDP));
      const secure = await openPeer({ tls: await authority.issue('127.0.0.1') });
      await arrive(secure, `sips:controller@127.0.0.1:${stack.tlsPort}`, stack.tlsPort);
      const { leg } = await taken();
      const answer = await secure.take('200 INVITE');
      expect(answer.header('Contact')).to.equal(`<sips:controller@127.0.0.1:${stack.tlsPort}>`);
      leg.release();

      const open = await openPeer();
      await arrive(open, `sips:controller@127.0.0.1:${stack.port}`, stack.port);
      await open.take('416 INVITE');
    });

    it('is refused with 400 when it names no length, and the connection is closed', async () => {
      const peer = await openPeer();
      const stack = await openStack('sip:127.0.0.1:9');
      const request = inDialog('OPTIONS', undefined, peer).replace('Content-Length: 0\r\n', '');
      await peer.sendTo(request + request, stack.port);
      const answer = await peer.take('400 OPTIONS');
      expect(answer.text).to.match(/^SIP\/2\.0 400 Missing Content-Length\r\n/);
      await closed(answer.socket);
      expect(peer.messages.filter(({ isOurs }) => !isOurs)).to.have.length(1);
    });
  });
});

/** A request of the peer in the dialog that its answer to an INVITE made, or in none. */
function inDialog(method: string, invite: StreamMessage | undefined, peer: StreamPeer): string {
  const contact = /<([^>]+)>/.exec(invite?.header('Contact') ?? '')?.[1] ?? 'sip:127.0.0.1';
  return textOf([
    `${method} ${contact} SIP/2.0`,
    `Via: SIP/2.0/${peer.transport} 127.0.0.1:${peer.port};branch=z9hG4bK${method}${peer.port}`,
    'Max-Forwards: 70',
    `From: ${invite?.header('To') ?? '<sip:peer@example.com>'};tag=peer`,
    `To: ${invite?.header('From') ?? '<sip:127.0.0.1>'}`,
    `Call-ID: ${invite?.header('Call-ID') ?? `${method}-${peer.port}`}`,
    `CSeq: 7 ${method}`,
  ]);
}

function subject(length: number): Partial<Invitation> {
  return { headers: [['Subject', 'x'.repeat(length)]] };
}

async function arrive(peer: StreamPeer, uri: string, port: number): Promise<void> {
  const head = [
    `INVITE ${uri} SIP/2.0`,
    `Via: SIP/2.0/${peer.transport} 127.0.0.1:${peer.port};branch=z9hG4bK${peer.port};rport`,
    'Max-Forwards: 70',
    'From: <sip:caller@example.com>;tag=caller',
    'To: <sip:controller@example.com>',
    `Call-ID: call-${peer.port}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:caller@127.0.0.1:${peer.port};transport=${peer.transport.toLowerCase()}>`,
  ];
  await peer.sendTo(textOf(head), port);
}
