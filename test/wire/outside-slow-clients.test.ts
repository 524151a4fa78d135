import { expect } from 'chai';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { ask, basic, requestText } from '../support/outside/exchange.js';
import { type OutsideRig, pinOf, startOutside } from '../support/outside/rig.js';

const clientCount = 500;
const byteIntervalMs = 1_000;
const durationMs = 5_000;
/** What a user would still call at once, on a machine that is busy with the slow ones. */
const servedWithinMs = 2_000;

describe('500 slow clients outside', function () {
  this.timeout(90_000);

  let rig: OutsideRig;
  const sockets: TLSSocket[] = [];

  before(async () => {
    rig = await startOutside();
  });

  after(async () => {
    for (const socket of sockets) socket.destroy();
    await rig?.stop();
  });

  /** Sends the head of a request, or one whole head, and from then on a byte a second. */
  async function startSlow(index: number): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: rig.port, rejectUnauthorized: false });
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    const user = `user${(index % 100) + 10}`;
    const head = requestText('POST', `/callcontroller/${user}/user2`, [basic(user, pinOf(user))], 'x'.repeat(1_000));
    const [fields = ''] = head.split('x'.repeat(1_000));
    socket.write(index % 2 === 0 ? 'POST /callcontroller/user1/user2 HTTP/1.1\r\nX-Slow: ' : fields);
    const timer = setInterval(() => socket.write('x'), byteIntervalMs);
    socket.on('close', () => clearInterval(timer));
  }

  it('with headers and bodies at a byte a second, do not keep a normal client from being served', async () => {
    for (let index = 0; index < clientCount; index += 50)
      await Promise.all(Array.from({ length: 50 }, (_, offset) => startSlow(index + offset)));
    expect(sockets.filter(({ destroyed }) => !destroyed)).to.have.length(clientCount);

    const login = basic('user1', pinOf('user1'));
    const until = performance.now() + durationMs;
    const times: number[] = [];
    while (performance.now() < until) {
      const start = performance.now();
      expect((await ask(rig.port, requestText('GET', '/callcontroller/user1/user2', [login]))).status).to.equal(200);
      times.push(performance.now() - start);
      await delay(100);
    }
    expect(Math.max(...times)).to.be.below(servedWithinMs);
    expect(rig.proxy.messages, 'a request that is not complete places no call').to.deep.equal([]);
    expect((await rig.container.get('/callcontroller/user1/user2')).status).to.equal(200);
  });
});
