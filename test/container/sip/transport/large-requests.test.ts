import { expect } from 'chai';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Invitation } from '../../../../sdk/index.js';
import { Listener } from '../rig.js';
import { call, StreamCallRig } from '../stream-call-rig.js';

describe('A call that begins with a large request', () => {
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

  /** A proxy over UDP. */
  async function udpProxy(port: number): Promise<{ port: number; invite(): Promise<string> }> {
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    const datagrams: string[] = [];
    socket.on('message', (datagram) => datagrams.push(datagram.toString()));
    rig.closers.push(async () => void socket.close());
    const invite = async (): Promise<string> => {
      while (datagrams.length === 0) await once(socket, 'message', { signal: AbortSignal.timeout(3000) });
      return datagrams.splice(0).join('');
    };
    return { port: socket.address().port, invite };
  }

  it('takes TCP although the proxy is reached over UDP, and says so in the Via', async () => {
    const peer = await rig.openPeer();
    await udpProxy(peer.port);
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port}`);
    const leg = call(stack, new Listener(), subject(1000));
    const invite = await peer.take('INVITE');
    leg.release();
    expect(invite.header('Via')).to.match(new RegExp(`^SIP/2.0/TCP 127.0.0.1:${stack.port};`));
    expect(Buffer.byteLength(invite.text)).to.be.above(1300);
  });

  it('sends the CANCEL over TCP too, small as it is', async () => {
    const peer = await rig.openPeer();
    await udpProxy(peer.port);
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port}`);
    const leg = call(stack, new Listener(), subject(1000));
    peer.reply(await peer.take('INVITE'), 180);
    leg.cancel();
    expect((await peer.take('CANCEL')).header('Via')).to.match(/^SIP\/2\.0\/TCP /);
    leg.release();
  });

  it('uses UDP if the proxy refuses TCP', async () => {
    const proxy = await udpProxy(0);
    const stack = await rig.openStack(`sip:127.0.0.1:${proxy.port}`);
    const leg = call(stack, new Listener(), subject(1000));
    const invite = await proxy.invite();
    leg.release();
    expect(invite).to.match(new RegExp(`\r\nVia: SIP/2.0/UDP 127.0.0.1:${stack.port};`));
  });

  it('stays on UDP up to 1300 bytes', async () => {
    const peer = await rig.openPeer();
    const proxy = await udpProxy(peer.port);
    const stack = await rig.openStack(`sip:127.0.0.1:${peer.port}`);
    const leg = call(stack, new Listener(), subject(100));
    const length = Buffer.byteLength(await proxy.invite());
    leg.release();
    const other = call(stack, new Listener(), subject(100 + 1299 - length));
    expect(Buffer.byteLength(await proxy.invite())).to.be.within(1295, 1300);
    other.release();
    expect(peer.sockets).to.have.length(0);
  });
});

function subject(length: number): Partial<Invitation> {
  return { headers: [['Subject', 'x'.repeat(length)]] };
}
