import { expect } from 'chai';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { freePorts } from '../../../support/ports.js';
import { SipPeer } from '../../../support/sip-peer.js';
import { inDialog, Listener, Rig, SDP } from '../rig.js';

/** A service for programs of this host, over UDP and TCP, that no telephone reaches. */
class LocalService {
  /** What it got: texts, and `connection` for each. */
  readonly got: string[] = [];

  private constructor(
    readonly port: number,
    private readonly udp: Socket,
    private readonly tcp: Server,
  ) {
    udp.on('message', (datagram) => this.got.push(datagram.toString()));
    tcp.on('connection', (socket) => {
      this.got.push('connection');
      socket.on('error', () => undefined).destroy();
    });
  }

  static async open(): Promise<LocalService> {
    const port = await freePorts();
    const udp = createSocket('udp4').bind(port, '127.0.0.1');
    const tcp = createServer().listen(port, '127.0.0.1');
    await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
    return new LocalService(port, udp, tcp);
  }

  async close(): Promise<void> {
    this.udp.close();
    this.tcp.close();
    await once(this.tcp, 'close');
  }
}

describe('A telephone', () => {
  let rig: Rig;
  let service: LocalService;

  beforeEach(async () => {
    rig = await Rig.open();
    service = await LocalService.open();
  });

  afterEach(async () => {
    await rig.close();
    await service.close();
  });

  /** The telephone answers so, and all that a call sends in its dialog is sent: ACK, REFER, re-INVITE, BYE. */
  async function answerWith(contact: string, headers: string[] = []): Promise<Listener> {
    const listener = new Listener();
    const leg = rig.invite(listener);
    rig.peer.reply(await rig.peer.take('INVITE'), 200, { contact, headers, body: SDP.content });
    await listener.hears('200 final');
    leg.ack();
    leg.send('REFER', { headers: [['Refer-To', '<sip:x@example.com>']] }, listener.response);
    await listener.hears('503 final local');
    leg.reinvite({ body: SDP }, listener.response);
    await listener.hears('503 final local', 2);
    leg.bye({}, listener.response);
    await listener.hears('503 final local', 3);
    leg.release();
    return listener;
  }

  for (const [title, contact] of [
    ['Contact over UDP', (port: number) => `<sip:x@127.0.0.1:${port}>`],
    ['Contact over TCP', (port: number) => `<sip:x@127.0.0.1:${port};transport=tcp>`],
    ['Contact that names loopback', (port: number) => `<sip:x@localhost:${port};transport=tcp>`],
    ['Contact with another address of loopback', (port: number) => `<sip:x@127.0.0.2:${port};transport=tcp>`],
    ['maddr', (port: number) => `<sip:x@example.com:${port};maddr=127.0.0.1;transport=tcp>`],
    ['Contact of no address', (port: number) => `<sip:x@0.0.0.0:${port};transport=tcp>`],
    ['Contact over IPv6', (port: number) => `<sip:x@[::ffff:127.0.0.1]:${port};transport=tcp>`],
  ] as const) {
    it(`reaches no other service of this host by its ${title}`, async () => {
      await answerWith(contact(service.port));
      expect(service.got).to.deep.equal([]);
      expect(rig.log.lines).to.include('SIP request not sent');
    });
  }

  it('reaches none by its Record-Route', async () => {
    const route = `Record-Route: <sip:127.0.0.1:${service.port};transport=tcp;lr>`;
    await answerWith('<sip:x@192.0.2.1>', [route]);
    expect(service.got).to.deep.equal([]);
  });

  it('reaches none by the Contact of a request in the dialog', async () => {
    const { leg, listener, invite } = await rig.talk();
    const contact = `<sip:x@127.0.0.1:${service.port}>`;
    rig.ask({ invite }, 'UPDATE', 100, { contact, body: SDP.content });
    await listener.hears('UPDATE');
    listener.requests[0]?.reply(200, { body: SDP });
    await rig.peer.take('200 UPDATE');
    leg.bye({}, listener.response);
    await listener.hears('503 final local');
    leg.release();
    expect(service.got).to.deep.equal([]);
  });

  it('reaches none as the fork that answers when the call is over', async () => {
    const { leg, listener, invite } = await rig.talk();
    leg.bye({}, listener.response);
    rig.peer.reply(await rig.peer.take('BYE'), 200);
    await listener.hears('200 final', 2);
    leg.release();
    rig.peer.reply(invite, 200, { tag: 'fork', contact: `<sip:x@127.0.0.1:${service.port}>`, body: SDP.content });
    rig.peer.reply(invite, 200, { tag: 'other', body: SDP.content });
    await rig.peer.take('BYE');
    expect(service.got).to.deep.equal([]);
  });

  it('of this host is reached if it has sent a request from there itself', async () => {
    const telephone = await SipPeer.open();
    try {
      const { leg, listener, invite } = await rig.talk();
      const contact = `<sip:x@127.0.0.1:${telephone.port}>`;
      telephone.request(inDialog(invite, { method: 'UPDATE', contact, body: SDP.content }), rig.stack.port);
      await listener.hears('UPDATE');
      listener.requests[0]?.reply(200, { body: SDP });
      await telephone.take('200 UPDATE');
      leg.bye({}, listener.response);
      telephone.reply(await telephone.take('BYE'), 200);
      leg.release();
    } finally {
      await telephone.close();
    }
  });

  it('is reached through the proxy only, with onlyThroughProxy', async () => {
    await rig.close();
    rig = await Rig.open({ onlyThroughProxy: true });
    await answerWith('<sip:x@192.0.2.77:5060>');
    const { leg, invite } = await rig.talk();
    expect(invite.header('To')).to.contain('phone');
    leg.bye();
    await rig.peer.take('BYE');
    leg.release();
  });
});
