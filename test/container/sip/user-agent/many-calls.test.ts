import { expect } from 'chai';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NOTHING_LEFT, nothingLeft, Rig } from '../rig.js';

const CALLS = 1000;
const AT_A_TIME = 10;
/** Allowed growth of the process: compiled code, buffers of sockets. A leaked call takes 10 KB. */
const ALLOWED_BYTES = 3 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A telephone that is always busy. It only copies text, so that the stack gets the CPU time. */
function answerBusy(socket: Socket): void {
  socket.on('message', (datagram, source) => {
    const text = datagram.toString('latin1');
    if (!text.startsWith('INVITE ')) return;
    const lines = text.split('\r\n');
    const copied = lines.filter((line) => /^(?:Via|From|Call-ID|CSeq):/.test(line));
    const to = lines.find((line) => line.startsWith('To:')) ?? '';
    const busy = ['SIP/2.0 486 Busy Here', ...copied, `${to};tag=busy`, 'Content-Length: 0', '', ''];
    socket.send(busy.join('\r\n'), source.port, source.address);
  });
}

describe('A thousand calls to a busy telephone', function () {
  this.timeout(60_000); // about 4 s, but other processes may want the processor too
  let rig: Rig;
  let phone: Socket;

  before(async () => {
    phone = createSocket('udp4').bind(0, '127.0.0.1');
    await once(phone, 'listening');
    phone.setRecvBufferSize(4 * 1024 * 1024);
    answerBusy(phone);
    rig = await Rig.open({ t1Ms: 10, proxy: `sip:127.0.0.1:${phone.address().port};lr` });
  });

  after(async () => {
    await rig.close();
    phone.close();
  });

  async function call(): Promise<number> {
    return new Promise((resolve) => {
      const leg = rig.invite({
        onResponse: ({ final, status }) => {
          if (!final) return;
          leg.release();
          resolve(status);
        },
      });
    });
  }

  /** Number of calls that ended with each status. */
  async function place(count: number): Promise<Map<number, number>> {
    const statuses = new Map<number, number>();
    let placed = 0;
    async function worker(): Promise<void> {
      while (placed < count) {
        placed += 1;
        const status = await call();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    return statuses;
  }

  async function heapBytes(): Promise<number> {
    expect(await nothingLeft(rig.stack)).to.deep.equal(NOTHING_LEFT);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  }

  it('leave nothing behind', async () => {
    await place(20 * AT_A_TIME);
    const before = await heapBytes();
    const statuses = await place(CALLS);
    expect([...statuses.keys()]).to.include(486);
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).to.equal(CALLS);
    const after = await heapBytes();
    expect(after - before).to.be.below(ALLOWED_BYTES);
  });
});
