import { expect } from 'chai';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { LdapLogin } from '../../../container/security/ldap-login.js';
import { RecordingLog } from '../accounts/recording-log.js';

const timeoutMs = 300;

describe('An LDAP server that does not answer as it should', () => {
  let server: Server;
  let answer: (socket: Socket) => void;
  let log: RecordingLog;
  let login: LdapLogin;
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    log = new RecordingLog();
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      answer(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    await login.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    server.close();
    await once(server, 'close');
  });

  function connectTo(scheme: 'ldap' | 'ldaps', startTls: boolean): void {
    const { port } = server.address() as AddressInfo;
    const settings = { url: `${scheme}://127.0.0.1:${port}`, base: 'dc=example', attribute: 'uid', startTls };
    login = new LdapLogin(settings, undefined, log, timeoutMs);
  }

  async function statusOf(password = 'secret'): Promise<unknown> {
    try {
      return await login.isPassword('user1', password);
    } catch (error) {
      return (error as { status?: number }).status;
    }
  }

  for (const [scheme, startTls] of [
    ['ldap', false],
    ['ldap', true],
    ['ldaps', false],
  ] as const) {
    const how = `${scheme}${startTls ? ' with StartTLS' : ''}`;

    it(`is waited for, but not for ever: 503 over ${how}`, async () => {
      answer = (socket) => socket.resume();
      connectTo(scheme, startTls);
      const start = performance.now();
      expect(await Promise.all(Array.from({ length: 20 }, async () => statusOf()))).to.deep.equal(Array(20).fill(503));
      expect(performance.now() - start).to.be.below(10 * timeoutMs);
    });

    it(`may close the connection at once: 503 over ${how}`, async () => {
      answer = (socket) => socket.destroy();
      connectTo(scheme, startTls);
      expect(await statusOf()).to.equal(503);
      expect(await statusOf()).to.equal(503);
    });

    it(`may speak another language: 503 over ${how}`, async () => {
      answer = (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      connectTo(scheme, startTls);
      expect(await statusOf()).to.equal(503);
    });
  }

  it('gets no password in clear when it closes the connection after it has agreed to StartTLS', async () => {
    const received: Buffer[] = [];
    answer = (socket) => {
      socket.on('data', (data: Buffer) => received.push(data));
      socket.once('data', () => {
        // ExtendedResponse, success, to message 1 (RFC 4511 section 4.14).
        socket.write(Buffer.from('300c02010178070a010004000400', 'hex'));
        socket.end();
      });
    };
    connectTo('ldap', true);
    expect(await statusOf('a-password')).to.equal(503);
    expect(await statusOf('a-password')).to.equal(503);
    expect(Buffer.concat(received).toString('latin1')).to.not.contain('a-password').and.not.contain('user1');
  });

  it('is asked by no more than a hundred at a time; the others get 503 at once', async () => {
    answer = (socket) => socket.resume();
    connectTo('ldap', false);
    const first = Array.from({ length: 100 }, async () => statusOf());
    const start = performance.now();
    expect(await statusOf()).to.equal(503);
    expect(performance.now() - start).to.be.below(1_000);
    for (const socket of sockets) socket.destroy();
    answer = (socket) => socket.destroy();
    await Promise.all(first);
  });

  it('is not asked about an empty password', async () => {
    answer = () => {
      throw new Error('asked');
    };
    connectTo('ldap', false);
    expect(await statusOf('')).to.equal(false);
    expect(sockets.size).to.equal(0);
  });
});
