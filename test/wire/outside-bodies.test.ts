import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect } from 'node:tls';
import { ask, basic, readReplies, requestText } from '../support/outside/exchange.js';
import { type OutsideRig, pinOf, startOutside } from '../support/outside/rig.js';

const MOST_BYTES = 65_536;
const paths = ['/v1/calls', '/sipxconfig/rest/my/redirect/v1/calls'];

/** A request with a JSON object of that length, which has a text in place of a call. */
function post(path: string, length: number): string {
  const body = `{"caller":"${'x'.repeat(length - 13)}"}`;
  return requestText('POST', path, [basic('user1', pinOf('user1')), 'Content-Type: application/json'], body);
}

describe('A body that comes over TLS', () => {
  let rig: OutsideRig;

  before(async () => {
    rig = await startOutside();
  });

  after(async () => {
    await rig?.stop();
  });

  for (const path of paths) {
    it(`is read as a whole at its greatest length, at ${path}`, async () => {
      for (const length of [20_000, 50_000, MOST_BYTES]) {
        const { status, body } = await ask(rig.port, post(path, length));
        expect([length, status]).to.deep.equal([length, 400]);
        expect(body).to.contain('"pointer":"/caller"');
      }
      expect((await ask(rig.port, post(path, MOST_BYTES + 1))).status).to.equal(413);
    });

    it(`is read as a whole when it comes in many parts, at ${path}`, async () => {
      const bytes = post(path, MOST_BYTES);
      const socket = connect({ host: '127.0.0.1', port: rig.port, rejectUnauthorized: false });
      const replies = readReplies(socket, bytes.slice(0, 1_000));
      for (let at = 1_000; at < bytes.length; at += 7_000) {
        socket.write(bytes.slice(at, at + 7_000), 'latin1');
        await nextTurn();
      }
      expect((await replies).map(({ status }) => status)).to.deep.equal([400]);
    });
  }
});
