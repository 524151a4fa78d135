import { expect } from 'chai';
import { gzipSync } from 'node:zlib';
import { type Container, startContainer } from '../../support/container.js';
import { expectError, path, prefix, RedirectRig } from './fixture.js';
import { send } from './scripted-node.js';

describe('the redirect', () => {
  let rig: RedirectRig;

  before(async () => {
    rig = await RedirectRig.start();
  });

  after(async () => {
    await rig?.stop();
  });

  beforeEach(() => {
    rig.node.answer = (response) => response.end();
  });

  const last = () => rig.node.received.at(-1) ?? expect.fail('the node got nothing');

  for (const method of ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND']) {
    it(`carries ${method} with path and query as they were sent`, async () => {
      const target = '/callcontroller/a%40b.c/+%C3%A9~?agent=%61b+c&x=/../;&&y="<>`|&z%00=';
      expect(await rig.carry(target, { method })).to.include({ status: 200, body: '' });
      expect(last()).to.include({ method, target });
    });
  }

  for (const status of [200, 201, 204, 304, 400, 404, 405, 406, 429, 500, 503]) {
    it(`returns ${status} with the body and header fields that came`, async () => {
      rig.node.answer = (response) => {
        response.writeHead(status, {
          'Content-Type': 'text/xml; charset=utf-8',
          Allow: 'GET, POST',
          'Retry-After': '7',
        });
        response.end('<a>é</a>');
      };
      const { status: got, headers, body } = await rig.carry(path);
      expect(got).to.equal(status);
      expect(headers).to.include({ allow: 'GET, POST', 'retry-after': '7' });
      expect(body).to.equal(status === 204 || status === 304 ? '' : '<a>é</a>');
    });
  }

  it('returns an empty body without a type unchanged', async () => {
    const { headers } = await rig.carry(path, { method: 'POST' });
    expect(headers['content-length']).to.equal('0');
    expect(headers).not.to.have.property('content-type');
  });

  it('returns an answer of many megabytes whole', async () => {
    const text = 'x'.repeat(20_000_000);
    rig.node.answer = (response) => response.end(text);
    expect((await rig.carry(path)).body.length).to.equal(text.length);
  });

  it('returns a redirection instead of following it', async () => {
    const count = rig.node.received.length;
    rig.node.answer = (response) => response.writeHead(302, { Location: `${rig.node.url}/elsewhere` }).end();
    expect(await rig.carry(path)).to.include({ status: 302 });
    expect(rig.node.received.length - count).to.equal(1);
  });

  it('does not forward credentials and hop-by-hop fields, and sets the source of the request itself', async () => {
    await rig.carry(path, {
      headers: {
        Authorization: 'Basic dXNlcjE6MTIz',
        Cookie: 'a=b',
        'Proxy-Authorization': 'Basic dXNlcjE6MTIz',
        'Keep-Alive': '1',
        Connection: 'close, X-Secret',
        'X-Secret': '1',
        TE: 'trailers',
        Upgrade: 'websocket',
        Forwarded: 'for=10.0.0.1',
        Via: '1.1 evil',
        'X-Real-IP': '10.0.0.1',
        'X-Forwarded-For': ['10.0.0.1', '10.0.0.2'],
        'X-Forwarded-Host': 'inside',
        'X-Forwarded-Proto': 'gopher',
        'X-Forwarded-User': 'user3',
        Host: 'admin.example.com',
        Accept: 'text/xml',
        'Accept-Language': 'de',
        Origin: 'https://admin.example.com',
        'Sec-Fetch-Site': 'same-origin',
        'User-Agent': 'curl',
        'X-Request-Id': 'order-1',
      },
    });
    const { connection, ...headers } = last().headers;
    expect(connection).to.equal('keep-alive');
    expect(headers).to.deep.equal({
      host: `127.0.0.1:${rig.node.port}`,
      accept: 'text/xml',
      'user-agent': 'curl',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'admin.example.com',
      'x-forwarded-prefix': '/sipxconfig/rest/my/redirect',
      'x-forwarded-proto': 'http',
      'x-request-id': 'order-1',
    });
  });

  it('keeps header fields for one connection out of the answer', async () => {
    rig.node.answer = (response) => {
      response.writeHead(200, {
        Connection: 'keep-alive, X-Hop',
        'X-Hop': '1',
        'Proxy-Authenticate': 'Basic',
        'X-End': '2',
      });
      response.end();
    };
    const { headers } = await rig.carry(path);
    expect(headers).to.include({ 'x-end': '2' });
    expect(headers).not.to.have.any.keys('x-hop', 'proxy-authenticate');
  });

  it('rewrites a Location on the node to one on the redirect, and no other', async () => {
    rig.node.answer = (response) => {
      response.writeHead(201, {
        Location: '/v1/calls/1?from=/v1/',
        'Content-Location': '/callcontroller/user1/user2',
        Link: '</v1/calls?cursor=2>; rel="next", <https://example.com/v1/>; rel="help", </v1x>; rel="up"',
        'X-Path': '/v1/calls/1',
      });
      response.end();
    };
    const { headers } = await rig.carry('/v1/calls', { method: 'POST' });
    expect(headers).to.include({
      location: `${prefix}/v1/calls/1?from=/v1/`,
      'content-location': `${prefix}/callcontroller/user1/user2`,
      link: `<${prefix}/v1/calls?cursor=2>; rel="next", <https://example.com/v1/>; rel="help", </v1x>; rel="up"`,
      'x-path': '/v1/calls/1',
    });
  });

  for (const [what, type, body] of [
    ['JSON', 'application/json', '{"a": 1}'],
    ['a form', 'application/x-www-form-urlencoded', 'agent=user3&agent=user2'],
    ['a text', 'text/plain', 'é'],
    ['bytes', 'application/octet-stream', Buffer.from([0, 255, 13, 10])],
  ] as const) {
    it(`carries a body of ${what}`, async () => {
      await rig.carry(path, { method: 'POST', headers: { 'Content-Type': type }, body });
      expect(last().headers['content-type']).to.equal(type);
      expect(last().body).to.deep.equal(Buffer.from(body));
    });
  }

  for (const type of ['text/plain', 'application/octet-stream']) {
    it(`carries a compressed body of ${type} so that its Content-Encoding is true`, async () => {
      const headers = { 'Content-Type': type, 'Content-Encoding': 'gzip' };
      await rig.carry(path, { method: 'POST', headers, body: gzipSync('hello') });
      const { body, headers: got } = last();
      expect(body).to.deep.equal(got['content-encoding'] === 'gzip' ? gzipSync('hello') : Buffer.from('hello'));
    });
  }

  for (const type of ['application/json', 'text/plain', 'application/octet-stream']) {
    for (const how of ['with its length', 'in chunks']) {
      it(`refuses a body of more than 64 KiB of ${type} ${how} with 413`, async () => {
        const count = rig.node.received.length;
        const body = `"${'x'.repeat(70_000)}"`;
        const length: Record<string, string> =
          how === 'in chunks' ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(body.length) };
        expectError(await rig.carry(path, { method: 'POST', headers: { 'Content-Type': type, ...length }, body }), 413);
        expect(rig.node.received.length).to.equal(count);
      });
    }
  }

  for (const target of [
    `${prefix}/callcontroller/user1/user2//`,
    `${prefix}/callcontroller/user1`,
    `${prefix}/callcontroller/../diagnostics`,
    `${prefix}/callcontroller/a%2fb/c`,
    `${prefix}/callcontroller/..;/b`,
    `${prefix}/diagnostics`,
    `${prefix}/`,
    prefix,
    `${prefix.toUpperCase()}/callcontroller/user1/user2`,
    `http://127.0.0.1${prefix}/callcontroller/user1/user2`,
  ]) {
    it(`answers 404 by itself for ${target}`, async () => {
      const count = rig.node.received.length;
      expectError(await send(rig.container.httpPort, target), 404);
      expect(rig.node.received.length).to.equal(count);
    });
  }

  it('answers its own errors in JSON if the node would', async () => {
    const { status, headers, body } = await send(rig.container.httpPort, `${prefix}/v1/calls/..;/x`);
    expect([status, headers['content-type']]).to.deep.equal([404, 'application/problem+json']);
    expect(JSON.parse(body)).to.include({ status: 404, code: 'not-found' });
  });

  it('uses a connection again', async () => {
    await rig.carry(path);
    const { from } = last();
    await rig.carry(path);
    expect(last().from).to.equal(from);
  });
});

describe('the redirect at its own container', () => {
  let container: Container;

  before(async () => {
    container = await startContainer();
  });

  after(async () => container?.stop());

  it('reaches the call controller there', async () => {
    const outside = await send(container.httpPort, prefix + path);
    const inside = await send(container.httpPort, path);
    expect(outside).to.deep.include({ status: 200, body: inside.body });
    expect(outside.headers['content-type']).to.equal(inside.headers['content-type']);
  });

  it('treats a slash at the end as the node does', async () => {
    const answers = [path, `${path}/`, `${prefix}${path}/`].map((target) => send(container.httpPort, target));
    const [plain, ...others] = (await Promise.all(answers)).map(({ status, body }) => ({ status, body }));
    expect(plain?.status).to.equal(200);
    expect(others).to.deep.equal([plain, plain]);
  });

  it('returns its refusals as they are', async () => {
    const outside = await send(container.httpPort, `${prefix}${path}?timeout=abc`, { method: 'POST' });
    expectError(outside, 400);
    expect(outside.body).to.contain('timeout must be an integer');
    const { status, headers } = await send(container.httpPort, prefix + path, { method: 'PUT' });
    expect([status, headers.allow]).to.deep.equal([405, 'GET, POST']);
  });
});
