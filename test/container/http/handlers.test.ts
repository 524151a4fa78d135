import { once } from 'node:events';
import { expect } from 'chai';
import { type Host, pluginFixture, startHost } from '../plugins/host.js';
import { exchange, RawClient } from './raw-client.js';

describe('A handler that fails', () => {
  let host: Host;

  beforeEach(async () => {
    host = await startHost({ pluginDir: pluginFixture('isolation'), requestTimeoutMs: 200 });
  });

  afterEach(() => host.stop());

  const ask = async (path: string): Promise<Response> => fetch(`${host.url}/faulty${path}`);

  for (const [path, what] of [
    ['/rejects', 'rejects later'],
    ['/circular', 'gives an object that is no JSON'],
    ['/broken-stream', 'gives a file that is not there'],
  ] as const) {
    it(`gets its client a 500, and nobody else's, when it ${what}`, async () => {
      const [failed, well] = await Promise.all([ask(path), ask('/well')]);
      await expectError(failed, 500, 'The service failed on this request');
      expect(await well.text()).to.equal('well');
    });
  }

  it('has the text of its own error shown, and not that of an error that it passes on', async () => {
    await expectError(await ask('/refuses'), 502, 'The exchange is closed on Sundays');
    await expectError(await ask('/passes-on'), 502, 'Bad Gateway');
  });

  it('leaves nothing of the answer that it had prepared', async () => {
    const response = await ask('/half-prepared');
    for (const name of ['content-encoding', 'etag', 'cache-control'])
      expect(response.headers.has(name)).to.equal(false);
    expect(response.statusText).to.equal('Internal Server Error');
    await expectError(response, 500, 'The service failed on this request');
  });

  for (const [path, signal] of [
    ['/cut-stream', 'faulty:cut'],
    ['/throws-when-begun', 'faulty:throw'],
  ] as const) {
    it(`has its answer cut off if that had begun: ${path}`, async () => {
      const client = await RawClient.connect(host.httpPort);
      client.send(`GET /faulty${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await client.until('begun');
      process.emit(signal as 'exit', 0);
      const answer = await client.closed();
      expect(answer).to.match(/begun\r\n$/);
    });
  }

  it('harms nobody when it writes behind the end of its answer', async () => {
    expect(await (await ask('/writes-on')).text()).to.equal('whole');
    expect(await (await ask('/well')).text()).to.equal('well');
    expect(host.lines.find(({ msg }) => msg === 'HTTP response failed')).to.include({ plugin: 'faulty' });
  });

  describe('to answer in time', () => {
    for (const [path, what] of [
      ['/never', 'never ends'],
      ['/silent-stream', 'gives a stream that says nothing'],
      ['/forgotten', 'keeps the answer to itself and forgets it'],
    ] as const) {
      it(`gets its client a 503 when it ${what}`, async () => {
        await expectError(await ask(path), 503, 'The service did not answer in time');
        const line = host.lines.find(({ msg }) => msg === 'HTTP request not answered in time');
        expect(line).to.include({ level: 'error', plugin: 'faulty', path: `/faulty${path}`, limitMs: 200 });
        expect(await (await ask('/well')).text()).to.equal('well');
      });
    }

    for (const how of ['answers', 'streams', 'throws', 'writes', 'sets']) {
      it(`harms nobody when it ${how} after all`, async () => {
        const answer = exchange(
          host.httpPort,
          `GET /faulty/late/${how} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
        );
        expect((await answer).status).to.equal(503);
        expect((await answer).body).to.match(/^<\?xml[^]*<\/processing-status>$/);
        process.emit(`faulty:${how}` as 'exit', 0);
        expect(await (await ask('/well')).text()).to.equal('well');
      });
    }

    it('shows in the log when it throws after all', async () => {
      await ask('/late/throws');
      process.emit('faulty:throws' as 'exit', 0);
      await ask('/well');
      const line = host.lines.find(({ msg }) => msg === 'HTTP response failed');
      expect(line).to.include({ level: 'error', plugin: 'faulty', path: '/faulty/late/throws' });
      expect(line?.['error']).to.match(/^Error: too late\n.*faulty\/index\.js/);
    });

    it('does not apply once the answer has begun, which may take longer', async () => {
      const client = await RawClient.connect(host.httpPort);
      client.send('GET /faulty/long-stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      await client.until('begun');
      expect((await ask('/never')).status).to.equal(503);
      process.emit('faulty:finish' as 'exit', 0);
      expect(await client.closed()).to.match(/begun[^]* and finished\r\n0\r\n\r\n$/);
    });

    it('is judged by the limit that its own plugin has set', async () => {
      const asked = once(process, 'patient:asked');
      const patient = fetch(`${host.url}/patient`);
      await asked;
      expect((await ask('/never')).status).to.equal(503);
      process.emit('patient:answer' as 'exit', 0);
      expect(await (await patient).text()).to.equal('at last');
    });
  });
});

async function expectError(response: Response, status: number, text: string): Promise<void> {
  expect(response.status).to.equal(status);
  expect(response.headers.get('content-type')).to.equal('text/xml; charset=utf-8');
  const body = await response.text();
  expect(body).to.include(`<error-code>${status}</error-code>`).and.include(`<error-text>${text}</error-text>`);
}
