import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type Host, pluginFixture, startHost } from '../plugins/host.js';
import { exchange } from './raw-client.js';

/** The exact body of every error: clients of the original service parse it with patterns. */
function document(status: number, text: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<processing-status xmlns="http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00">
<error-flag>ERROR</error-flag>
<error-code>${status}</error-code>
<error-text>${text}</error-text>
</processing-status>`;
}

async function expectError(response: Response, status: number, text: string): Promise<void> {
  expect(response.status).to.equal(status);
  expect(response.headers.get('content-type')).to.equal('text/xml; charset=utf-8');
  expect(await response.text()).to.equal(document(status, text));
}

describe('The answer to a failed request', () => {
  let host: Host;

  before(async () => {
    host = await startHost({ pluginDir: pluginFixture('good') });
  });

  after(() => host.stop());

  async function send(method: string, path: string, headers = {}, body?: string | Buffer): Promise<Response> {
    return fetch(host.url + path, { method, headers, ...(body !== undefined && { body }) });
  }

  it('404 for a path that nobody serves', async () => {
    for (const path of ['/nobody', '/callcontroller', '/echo/a/b/c', '/diagnostics/x'])
      await expectError(await send('GET', path), 404, 'There is nothing at this path');
  });

  for (const [method, path, allow] of [
    ['DELETE', '/callcontroller/user1/user2', 'GET, POST'],
    ['OPTIONS', '/callcontroller/user1/user2', 'GET, POST'],
    ['POST', '/echo/word', 'GET'],
    ['DELETE', '/echo/refused', 'GET, PUT'],
    ['POST', '/', 'GET'],
    ['DELETE', '/diagnostics', 'GET'],
  ] as const) {
    it(`405 and what is allowed: ${method} ${path}`, async () => {
      const response = await send(method, path);
      expect(response.headers.get('allow')).to.equal(allow);
      await expectError(response, 405, `${method} is not supported here`);
    });
  }

  it('400 with its own text, escaped even if that is hostile', async () => {
    const response = await send('GET', '/callcontroller/%3Cb%3E&amp;/user2');
    const text = 'callingUser must be a user name, a telephone number or user@host, got "&lt;b&gt;&amp;amp;"';
    await expectError(response, 400, text);
  });

  it('500 and no more when a plugin throws; the log has the stack', async () => {
    await expectError(await send('GET', '/echo/fails/thrown'), 500, 'The service failed on this request');
    const line = host.lines.find(({ msg, path }) => msg === 'HTTP request failed' && path === '/echo/fails/thrown');
    expect(line).to.include({ level: 'error', method: 'GET' });
    expect(line?.['error']).to.match(/^Error: a secret of the plugin\n.*good\/echo\/index\.js:\d+/);
  });

  it('500 also when a plugin throws nothing', async () => {
    await expectError(await send('GET', '/echo/fails/nothing'), 500, 'The service failed on this request');
  });

  it('the status and the text that a plugin throws', async () => {
    await expectError(await send('GET', '/echo/fails/unavailable'), 503, 'the exchange is closed');
  });

  it('the status that a plugin sets without a body', async () => {
    await expectError(await send('PUT', '/echo/refused'), 403, 'Forbidden');
  });

  it('HEAD: as GET, without the body', async () => {
    const found = await send('HEAD', '/callcontroller/user1/user2');
    expect([found.status, await found.text()]).to.deep.equal([200, '']);
    const missing = await send('HEAD', '/nobody');
    expect([missing.status, await missing.text()]).to.deep.equal([404, '']);
    expect(missing.headers.get('content-length')).to.equal(
      String(document(404, 'There is nothing at this path').length),
    );
  });

  describe('about its body', () => {
    const json = { 'content-type': 'application/json' };
    const tooLong = JSON.stringify({ text: 'x'.repeat(64 * 1024) });

    for (const [what, status, headers, body] of [
      ['malformed JSON', 400, json, '{"a":'],
      ['JSON that is no object', 400, json, '"text"'],
      ['what is not compressed as it says', 400, { ...json, 'content-encoding': 'gzip' }, '{}'],
      ['an encoding that nobody knows', 415, { ...json, 'content-encoding': 'rot13' }, '{}'],
      ['more than 64 KiB', 413, json, tooLong],
      ['more than 64 KiB of text', 413, { 'content-type': 'text/plain' }, tooLong],
      ['more than 64 KiB of form', 413, { 'content-type': 'application/x-www-form-urlencoded' }, tooLong],
      ['more than 64 KiB when decompressed', 413, { ...json, 'content-encoding': 'gzip' }, gzipSync(tooLong)],
    ] as const) {
      it(`${status} for ${what}`, async () => {
        const response = await send('POST', '/echo', headers, body);
        expect(response.status).to.equal(status);
        expect(await response.text()).to.match(new RegExp(`<error-code>${status}</error-code>\\s*<error-text>The req`));
      });
    }

    it('nothing, when it can be read', async () => {
      const plain = await send('POST', '/echo', json, '{"a":[1]}');
      expect(await plain.json()).to.deep.equal({ got: { a: [1] } });
      const compressed = await send('POST', '/echo', { ...json, 'content-encoding': 'gzip' }, gzipSync('{"a":2}'));
      expect(await compressed.json()).to.deep.equal({ got: { a: 2 } });
      expect(await (await send('POST', '/echo')).json()).to.deep.equal({ got: null });
    });
  });

  describe('when it does not speak HTTP as it should', () => {
    const long = 'x'.repeat(20_000);
    for (const [what, status, text, request] of [
      ['nonsense', 400, 'The request is not HTTP', 'GET / HTTQ/9\r\n\r\n'],
      ['a header without a name', 400, 'The request is not HTTP', 'GET / HTTP/1.1\r\n: x\r\n\r\n'],
      [
        'two lengths',
        400,
        'The request is not HTTP',
        'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      ],
      ['no Host', 400, 'Host must be given once', 'GET / HTTP/1.1\r\n\r\n'],
      ['an unknown method', 405, 'CALL is not supported here', 'CALL /callcontroller/a/b HTTP/1.1\r\n\r\n'],
      ['CONNECT', 405, 'CONNECT is not supported here', 'CONNECT host:1 HTTP/1.1\r\nHost: host\r\n\r\n'],
      ['a long header', 431, 'The request line and headers are too long', `GET / HTTP/1.1\r\nX: ${long}\r\n\r\n`],
      ['a long path', 431, 'The request line and headers are too long', `GET /${long} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ] as const) {
      it(`${status} for ${what}`, async () => {
        const answer = await exchange(host.httpPort, request);
        expect(answer.status).to.equal(status);
        expect(answer.body).to.equal(document(status, text));
        expect(answer.head.toLowerCase()).to.include('content-type: text/xml; charset=utf-8');
        if (status === 405) expect(answer.head).to.include('\r\nAllow: GET, POST\r\n');
      });
    }
  });
});
