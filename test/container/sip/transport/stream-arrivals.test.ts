import { expect } from 'chai';
import { StreamPeer, textOf } from '../../../support/stream-peer.js';
import { KeptLog, SDP, takeCalls } from '../rig.js';
import { inDialog, StreamCallRig } from '../stream-call-rig.js';
import { closed } from '../stream-rig.js';

describe('A call that comes in over a connection', () => {
  let rig: StreamCallRig;

  before(async () => {
    rig = await StreamCallRig.create();
  });

  after(async () => {
    await rig.remove();
  });

  afterEach(async () => {
    await rig.close();
  });

  it('is answered on the connection that it came on, and offers TCP for what follows', async () => {
    const peer = await rig.openPeer();
    const stack = await rig.openStack('sip:127.0.0.1:9');
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
    const peer = await rig.openPeer();
    const stack = await rig.openStack('sip:127.0.0.1:9');
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
    const stack = await rig.openStack('sip:127.0.0.1:9');
    const taken = takeCalls(stack.forPlugin('controller', new KeptLog()), (leg) => leg.accept(SDP));
    const secure = await rig.openPeer({ tls: await rig.keyPair() });
    await arrive(secure, `sips:controller@127.0.0.1:${stack.tlsPort}`, stack.tlsPort);
    const { leg } = await taken();
    const answer = await secure.take('200 INVITE');
    expect(answer.header('Contact')).to.equal(`<sips:controller@127.0.0.1:${stack.tlsPort}>`);
    leg.release();

    const open = await rig.openPeer();
    await arrive(open, `sips:controller@127.0.0.1:${stack.port}`, stack.port);
    await open.take('416 INVITE');
  });

  it('is refused with 400 when it names no length, and the connection is closed', async () => {
    const peer = await rig.openPeer();
    const stack = await rig.openStack('sip:127.0.0.1:9');
    const request = inDialog('OPTIONS', undefined, peer).replace('Content-Length: 0\r\n', '');
    await peer.sendTo(request + request, stack.port);
    const answer = await peer.take('400 OPTIONS');
    expect(answer.text).to.match(/^SIP\/2\.0 400 Missing Content-Length\r\n/);
    await closed(answer.socket);
    expect(peer.messages.filter(({ isOurs }) => !isOurs)).to.have.length(1);
  });
});

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
