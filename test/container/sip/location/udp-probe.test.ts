import { expect } from 'chai';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Target } from '../../../../container/sip/transport/transport.js';
import { UdpProbes } from '../../../../container/sip/location/udp-probe.js';

describe('A probe of a UDP port', () => {
  let server: Socket;
  let target: Target;

  beforeEach(async () => {
    server = createSocket('udp4').bind(0, '127.0.0.1');
    await once(server, 'listening');
    target = { transport: 'UDP', address: '127.0.0.1', port: server.address().port, host: '127.0.0.1' };
  });

  async function close(): Promise<void> {
    server.close();
    await once(server, 'close');
  }

  it('finds that nobody listens', async () => {
    await close();
    expect(await new UdpProbes('127.0.0.1').isClosed(target)).to.equal(true);
  });

  it('finds nothing at a silent server', async () => {
    expect(await new UdpProbes('127.0.0.1').isClosed(target)).to.equal(false);
    await close();
  });

  it('is sent once for concurrent requests, and is not a SIP message', async () => {
    const probes = new UdpProbes('127.0.0.1');
    const got: string[] = [];
    server.on('message', (datagram) => got.push(datagram.toString()));
    await Promise.all([1, 2, 3].map(() => probes.isClosed(target)));
    expect(got).to.deep.equal(['\r\n\r\n']);
    await probes.isClosed(target);
    expect(got).to.have.length(2);
    await close();
  });

  it('finds nothing from an address that does not belong to this host', async () => {
    await close();
    expect(await new UdpProbes('192.0.2.1').isClosed(target)).to.equal(false);
  });

  it('leaves no socket', async () => {
    await close();
    const before = sockets();
    await new UdpProbes('127.0.0.1').isClosed(target);
    expect(sockets()).to.equal(before);
  });
});

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
}
