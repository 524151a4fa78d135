import { expect } from 'chai';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { admitOnly } from '../../../container/http/doorway.js';
import { limitedPerAddress } from '../../../container/security/admission.js';
import { RecordingLog } from '../accounts/recording-log.js';

describe('Connections from one address', () => {
  let server: Server;
  let log: RecordingLog;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    log = new RecordingLog();
    server = createServer((socket) => socket.write('x'));
    admitOnly(server, limitedPerAddress(log, 2), (socket) => socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  /** Whether the server takes a connection, which then stays open. */
  async function isTaken(localAddress: string): Promise<boolean> {
    const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, localAddress });
    sockets.push(socket);
    return new Promise((resolve) => {
      socket.on('error', () => {});
      socket.once('data', () => resolve(true)).once('close', () => resolve(false));
    });
  }

  it('are taken up to a limit, those from others besides, and again when one was closed', async () => {
    expect([await isTaken('127.0.0.1'), await isTaken('127.0.0.1'), await isTaken('127.0.0.1')]).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect(await isTaken('127.0.0.2')).to.equal(true);
    expect(log.lines.map(({ message, fields }) => [message, fields])).to.deep.equal([
      ['Connection refused: too many from one address', { address: '127.0.0.1' }],
    ]);
    const [first] = sockets;
    const connection = once(server, 'connection');
    first?.destroy();
    await waitForCount(3 - 1);
    expect(await isTaken('127.0.0.1')).to.equal(true);
    await connection;
  });

  async function waitForCount(count: number): Promise<void> {
    for (;;) {
      const open = await new Promise<number>((resolve) => server.getConnections((_, found) => resolve(found)));
      if (open <= count) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
});
