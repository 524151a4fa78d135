import { expect } from 'chai';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Container, startContainer } from '../support/container.js';
import { openSipSocket, type SipSocket } from '../support/sip-socket.js';

const call = '/callcontroller/user1/user2';

describe('A full container', function () {
  this.timeout(60_000);

  let proxy: SipSocket;
  let container: Container;
  let prober: Socket;
  let count = 0;

  before(async () => {
    proxy = await openSipSocket();
    prober = createSocket('udp4').bind(0, '127.0.0.1');
    await once(prober, 'listening');
    container = await startContainer({
      sipProxy: `sip:127.0.0.1:${proxy.port};lr`,
      limits: { callsInSetup: 1 },
      sipT1Ms: 50,
    });
  });

  after(async () => {
    prober?.close();
    await container?.stop();
    await proxy?.close();
  });

  /** @returns status line and Retry-After of the answer to OPTIONS, as a load balancer sends them */
  async function ask(user = ''): Promise<{ status: number; retryAfter: string | undefined }> {
    count += 1;
    const { port } = prober.address();
    const own = `127.0.0.1:${container.sipPort}`;
    const lines = [
      `OPTIONS sip:${user}${own} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK-probe-${count}`,
      'Max-Forwards: 70',
      `From: <sip:balancer@127.0.0.1:${port}>;tag=probe-${count}`,
      `To: <sip:${user}${own}>`,
      `Call-ID: probe-${count}`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '',
      '',
    ];
    const answered = once(prober, 'message', { signal: AbortSignal.timeout(10_000) });
    prober.send(lines.join('\r\n'), container.sipPort, '127.0.0.1');
    const text = String((await answered)[0]);
    expect(text).to.contain(`Call-ID: probe-${count}`);
    return {
      status: Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]),
      retryAfter: /^Retry-After: (.*)$/m.exec(text)?.[1]?.trim(),
    };
  }

  it('answers OPTIONS with 503 and Retry-After, and with 200 again as soon as there is room', async () => {
    expect(await ask()).to.deep.equal({ status: 200, retryAfter: undefined });
    expect((await container.post(call)).status).to.equal(200);

    expect(await ask()).to.deep.equal({ status: 503, retryAfter: '5' });
    expect(await ask('callcontroller@')).to.deep.equal({ status: 503, retryAfter: '5' });
    const refused = await container.post('/callcontroller/user3/user2');
    expect([refused.status, refused.headers.get('Retry-After')]).to.deep.equal([503, '5']);
    expect(proxy.messages.filter((message) => message.includes('user3'))).to.deep.equal([]);

    expect((await container.post(`${call}?action=Hangup`)).status).to.equal(200);
    await container.waitForStatus(
      call,
      (events) => events.some(({ statusLine }) => / [4-6]\d\d /.test(statusLine)),
      20_000,
    );
    expect(await ask()).to.deep.equal({ status: 200, retryAfter: undefined });
    expect((await container.post('/callcontroller/user3/user2?timeout=1')).status).to.equal(200);
  });
});
