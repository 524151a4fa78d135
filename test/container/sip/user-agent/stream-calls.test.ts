import { expect } from 'chai';
import type { SipStack } from '../../../../container/sip/stack.js';
import type { OutgoingLeg } from '../../../../sdk/index.js';
import { type StreamMessage, StreamPeer } from '../../../support/stream-peer.js';
import { Listener, NOTHING_LEFT, nothingLeft } from '../rig.js';
import { call, inDialog, StreamCallRig } from '../stream-call-rig.js';
import { closed } from '../stream-rig.js';

const CONTACT = 'Contact: <sip:phone@192.0.2.1:5060>';

describe('A call that is placed over a connection', () => {
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

  it('names TCP in Via and Contact, and takes one connection for all its messages', async () => {
    const peer = await rig.openPeer();
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port};transport=tcp`, 20);
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
    const peer = await rig.openPeer();
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port};transport=tcp`, 10);
    const listener = new Listener();
    call(stack, listener).release();
    await listener.hears('408 final local');
    expect(peer.messages.map(({ kind }) => kind)).to.deep.equal(['INVITE']);
    expect(await nothingLeft(stack)).to.deep.equal(NOTHING_LEFT);
  });

  it('names TLS in Via and Contact for ;transport=tls', async () => {
    const peer = await rig.openPeer({ tls: await rig.keyPair() });
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port};transport=tls`);
    call(stack, new Listener()).release();
    const invite = await peer.take('INVITE');
    expect(invite.header('Via')).to.match(new RegExp(`^SIP/2.0/TLS 127.0.0.1:${stack.tlsPort};branch=`));
    expect(invite.header('Contact')).to.match(new RegExp(`@127.0.0.1:${stack.tlsPort};transport=tls>$`));
  });

  it('has a sips: Contact if the proxy is sips:, and is reached under it', async () => {
    const peer = await rig.openPeer({ tls: await rig.keyPair() });
    const stack = await rig.openStack(`sips:127.0.0.1:${peer.port}`);
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
    const stack = await rig.openStack(`sip:127.0.0.1:${port};transport=tcp`);
    const listener = new Listener();
    const leg = call(stack, listener);
    expect(await leg.sent.catch(String)).to.match(/No connection to 127\.0\.0\.1 port \d+ over TCP: .*ECONNREFUSED/);
    await listener.hears('503 final local', 1, 500);
    leg.release();
    expect(rig.log.lines).to.deep.equal(['SIP request not sent']);
  });

  it('ends with 503 at once when the server dies before it answers', async () => {
    const peer = await rig.openPeer();
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port};transport=tcp`);
    const listener = new Listener();
    const leg = call(stack, listener);
    await peer.take('INVITE');
    await peer.close();
    await listener.hears('503 final local', 1, 500);
    leg.release();
    expect(listener.heard).to.deep.equal(['503 final local']);
  });

  it('ends with 503 at once when the server dies while the phone rings', async () => {
    const peer = await rig.openPeer();
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port};transport=tcp`);
    const listener = new Listener();
    const leg = call(stack, listener);
    peer.reply(await peer.take('INVITE'), 180);
    await listener.hears('180');
    await peer.close();
    await listener.hears('503 final local', 1, 500);
    leg.release();
  });

  it('goes on over a new connection when the server closes the old one, with the same transaction', async () => {
    const peer = await rig.openPeer();
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port};transport=tcp`);
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
    const peer = await rig.openPeer();
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port};transport=tcp`);
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
