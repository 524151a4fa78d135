import { expect } from 'chai';
import { once } from 'node:events';
import { IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Container, startContainer } from '../support/container.js';
import { openSipSocket, type SipSocket } from '../support/sip-socket.js';

const form = 'application/x-www-form-urlencoded';
const json = 'application/json';
const timeoutMs = 5_000;

describe('A POST with a body', function () {
  let proxy: SipSocket;
  let container: Container;
  let count = 0;

  before(async () => {
    proxy = await openSipSocket('486 Busy Here');
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${proxy.port};lr` });
  });

  after(async () => {
    await proxy?.close();
    await container?.stop();
  });

  /** @returns status and body of the answer, and a subject that no other call has */
  async function post(headers: Readonly<Record<string, string>>, body: string | Buffer, query = '') {
    count += 1;
    const subject = `call-${count}`;
    const path = `/callcontroller/user1/user2?subject=${subject}${query}`;
    const outgoing = request({ host: '127.0.0.1', port: container.httpPort, method: 'POST', path, headers });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: await text(response), subject };
  }

  const inviteOf = async (subject: string): Promise<string> =>
    proxy.waitFor((message) => message.startsWith('INVITE ') && message.includes(`Subject: ${subject}`), timeoutMs);

  for (const [what, headers, body] of [
    ['JSON that is empty', { 'Content-Type': json }, ''],
    ['JSON that is empty, in chunks', { 'Content-Type': json, 'Transfer-Encoding': 'chunked' }, ''],
    ['JSON that is empty and said to be compressed', { 'Content-Type': json, 'Content-Encoding': 'gzip' }, ''],
    ['compressed JSON with nothing in it', { 'Content-Type': json, 'Content-Encoding': 'gzip' }, gzipSync('')],
    ['JSON that is null', { 'Content-Type': json }, 'null'],
    ['JSON that is an empty text', { 'Content-Type': json }, '""'],
    ['JSON that is an empty object', { 'Content-Type': json }, '{}'],
    ['JSON of blanks', { 'Content-Type': `${json}; charset=utf-8` }, ' \r\n'],
    ['a form without parameters', { 'Content-Type': form }, ''],
    ['a text without letters', { 'Content-Type': 'text/plain' }, '\n'],
  ] as const) {
    it(`places the call with ${what}`, async () => {
      const { status, body: answer, subject } = await post(headers, body);
      expect([status, answer]).to.deep.equal([200, '']);
      await inviteOf(subject);
    });
  }

  it('takes the parameters of a form', async () => {
    const { status, subject } = await post(
      { 'Content-Type': `${form}; charset=UTF-8` },
      'agent=user3&sipMethod=Invite',
    );
    expect(status).to.equal(200);
    expect(await inviteOf(subject)).to.match(/^From: .*<sip:user3@example\.com>/m);
  });

  it('refuses a parameter that is both in the query and in the form', async () => {
    const { status, body } = await post({ 'Content-Type': form }, 'agent=user1', '&agent=user1');
    expect([status, body]).to.satisfy(([, answer]: [number, string]) => answer.includes('agent must be given once'));
    expect(status).to.equal(400);
  });

  for (const [type, body] of [
    [json, '{"agent":"user3"}'],
    [json, '[]'],
    ['text/plain', 'agent=user3'],
    ['application/xml', '<call/>'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="agent"\r\n\r\nuser3\r\n--x--\r\n',
    ],
    [undefined, 'agent=user3'],
  ] as const) {
    it(`refuses a body that would be ignored, of the type ${type ?? 'unknown'}: ${body.slice(0, 20)}`, async () => {
      const { status, body: answer } = await post(type === undefined ? {} : { 'Content-Type': type }, body);
      expect(status).to.equal(415);
      expect(answer).to.contain('<error-code>415</error-code>').and.contain(form);
    });
  }

  it('refuses invalid JSON', async () => {
    expect((await post({ 'Content-Type': json }, '{"agent":')).status).to.equal(400);
  });
});
