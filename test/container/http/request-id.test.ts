import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect } from 'chai';
import { HttpListener } from '../../../container/http/listener.js';
import { RecordingLog } from '../accounts/recording-log.js';
import { RawClient } from './raw-client.js';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

function answer(_: IncomingMessage, response: ServerResponse): void {
  response.end('answer');
}

function get(fields: string): string {
  return `GET /a?confpin=777 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n`;
}

describe('The id of a request', () => {
  let listener: HttpListener;
  let log: RecordingLog & { level: 'debug' | 'info' };

  beforeEach(async () => {
    log = Object.assign(new RecordingLog(), { level: 'debug' as const });
    listener = await HttpListener.open('127.0.0.1', 0, answer, { log });
  });

  afterEach(() => listener.close());

  async function idOfAnswer(request: string): Promise<string> {
    const client = await RawClient.connect(listener.port);
    client.send(request);
    const text = await client.closed();
    return /^X-Request-Id: (.*)\r$/im.exec(text)?.[1] ?? '';
  }

  it('is the one that the client has sent', async () => {
    expect(await idOfAnswer(get('X-Request-Id: order-4711:a.b_c\r\n'))).to.equal('order-4711:a.b_c');
  });

  it('is made if the client sends none', async () => {
    const [one, other] = [await idOfAnswer(get('')), await idOfAnswer(get(''))];
    expect(one).to.match(UUID);
    expect(other).to.match(UUID).and.not.to.equal(one);
  });

  for (const [what, field] of [
    ['is longer than 128 characters', 'a'.repeat(129)],
    ['has characters that a log line must not have', 'a b"<c>'],
    ['is empty', ''],
    ['was sent twice', 'a\r\nX-Request-Id: b'],
  ] as const)
    it(`is generated if the client's own ${what}`, async () => {
      expect(await idOfAnswer(get(`X-Request-Id: ${field}\r\n`))).to.match(UUID);
    });

  it('is in the answers to invalid HTTP, and to a request without Host', async () => {
    expect(await idOfAnswer('nonsense\r\n\r\n')).to.match(UUID);
    expect(await idOfAnswer('GET / HTTP/1.1\r\nConnection: close\r\nX-Request-Id: mine\r\n\r\n')).to.equal('mine');
  });

  it('is in the line of the request at the level debug, without the query', async () => {
    await idOfAnswer(get('X-Request-Id: mine\r\n'));
    const [line] = log.lines;
    expect(line).to.include({ level: 'debug', message: 'HTTP request' });
    expect(line?.fields).to.include({ requestId: 'mine', client: '127.0.0.1', method: 'GET', path: '/a', status: 200 });
  });

  it('has no line at the level info', async () => {
    log.level = 'info';
    await idOfAnswer(get(''));
    expect(log.lines).to.deep.equal([]);
  });
});
