import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import type { CallInfo, CallPage } from '../../sdk/index.js';
import { type Container, startContainer, usersOf } from '../support/container.js';
import { basic, ask, requestText, type Reply } from '../support/outside/exchange.js';
import { freePorts } from '../support/ports.js';

const REDIRECT = '/sipxconfig/rest/my/redirect';
const json = 'Content-Type: application/json';

interface Attempt {
  readonly title: string;
  readonly method: string;
  /** Below `/v1`. `ID` stands for the call of user1. */
  readonly path: string;
  readonly fields?: readonly string[];
  readonly body?: object;
  readonly status: number;
}

const order = (more: object): object => ({ caller: 'user1', callee: 'user3', ...more });

/** What user2 tries with a call of user1, and in its name. */
const attempts: readonly Attempt[] = [
  { title: 'show it', method: 'GET', path: '/calls/ID', status: 404 },
  { title: 'show it as known', method: 'GET', path: '/calls/ID', fields: ['If-None-Match: *'], status: 404 },
  { title: 'ask whether it is there', method: 'HEAD', path: '/calls/ID', status: 404 },
  { title: 'read its messages', method: 'GET', path: '/calls/ID/messages', status: 404 },
  { title: 'hang it up', method: 'DELETE', path: '/calls/ID', status: 404 },
  { title: 'hold it', method: 'POST', path: '/calls/ID/hold', status: 404 },
  { title: 'resume it', method: 'POST', path: '/calls/ID/resume', status: 404 },
  {
    title: 'take it',
    method: 'POST',
    path: '/calls/ID/transfer',
    fields: [json],
    body: { target: 'user2' },
    status: 404,
  },
  {
    title: 'say that it is user1',
    method: 'DELETE',
    path: '/calls/ID',
    fields: ['X-Sipxrest-User: user1'],
    status: 404,
  },
  { title: 'say so in a query', method: 'DELETE', path: '/calls/ID?agent=user1', status: 404 },
  { title: 'hide it behind a path of its own', method: 'GET', path: '/calls/x/../ID', status: 404 },
  { title: 'list the calls of user1', method: 'GET', path: '/calls?user=user1', status: 200 },
  { title: 'list them by agent', method: 'GET', path: '/calls?agent=user1', status: 200 },
  { title: 'list them by two agents', method: 'GET', path: '/calls?agent=user2&agent=user1', status: 400 },
  { title: 'list them by tag', method: 'GET', path: '/calls?tag.secret=yes', status: 200 },
  { title: 'place one for user1', method: 'POST', path: '/calls', fields: [json], body: order({}), status: 403 },
  {
    title: 'name user1 the agent',
    method: 'POST',
    path: '/calls',
    fields: [json],
    body: order({ agent: 'user1' }),
    status: 403,
  },
  {
    title: 'name it by address',
    method: 'POST',
    path: '/calls',
    fields: [json],
    body: order({ agent: 'SIP:user1@EXAMPLE.com' }),
    status: 403,
  },
  {
    title: 'name it with a header of its own',
    method: 'POST',
    path: '/calls?agent=user2',
    fields: [json, 'X-Sipxrest-User: user1'],
    body: order({ agent: 'user1' }),
    status: 403,
  },
  {
    title: 'read the answer to its Idempotency-Key',
    method: 'POST',
    path: '/calls',
    fields: [json, 'Idempotency-Key: key-of-user1'],
    body: order({ method: 'invite', tags: { secret: 'yes' } }),
    status: 403,
  },
];

describe('From outside, user2 is kept from the call of user1 when it wants to', function () {
  this.timeout(30_000);
  let container: Container;
  let publicPort: number;
  let id: string;

  before(async () => {
    const port = await freePorts();
    publicPort = await freePorts();
    container = await startContainer({
      users: usersOf('example.com'),
      publicHttpPort: publicPort,
      sipProxy: `sip:127.0.0.1:${port};lr`,
      plugins: { sandbox: { port, ringMs: 10, answerMs: 30, talkMs: 60_000 } },
    });
    const fields = [json, 'Prefer: wait=10', 'Idempotency-Key: key-of-user1'];
    const placed = await send(
      'user1',
      'POST',
      '/v1/calls',
      fields,
      order({ method: 'invite', tags: { secret: 'yes' } }),
    );
    expect(placed.status).to.equal(201);
    ({ id } = JSON.parse(placed.body) as { id: string });
  });

  after(async () => container?.stop());

  function send(
    user: string,
    method: string,
    path: string,
    fields: readonly string[] = [],
    body?: object,
  ): Promise<Reply> {
    const text = body && JSON.stringify(body);
    return ask(publicPort, requestText(method, path, [basic(user, '123'), ...fields], text));
  }

  for (const [where, prefix] of [
    ['at /v1', ''],
    ['through the redirect', REDIRECT],
  ] as const)
    for (const { title, method, path, fields, body, status } of attempts)
      it(`${title}, ${where}: ${status}`, async () => {
        const reply = await send('user2', method, `${prefix}/v1${path.replace('ID', id)}`, fields, body);
        expect(reply.status, reply.body).to.equal(status);
        expect(reply.body).not.to.include('secret').and.not.to.include('"legs"');
        if (status === 200) expect(JSON.parse(reply.body)).to.deep.equal({ items: [] });
      });

  it('follow its events, at /v1 and through the redirect', async () => {
    const streams = ['', REDIRECT].flatMap((prefix) =>
      ['', '?user=user1', `?call=${id}`].map((query) => new Listener(publicPort, `${prefix}/v1/events${query}`)),
    );
    await Promise.all(streams.map((stream) => stream.until('stream.open')));
    const own = new Listener(publicPort, '/v1/events', 'user1');
    await own.until('stream.open');
    expect((await send('user1', 'POST', `/v1/calls/${id}/hold`)).status).to.equal(202);
    await own.until('call.held');
    for (const stream of [own, ...streams]) stream.close();
    for (const { text } of streams) expect(text).not.to.include('call.');
  });

  for (const prefix of ['', REDIRECT])
    it(`and Location and Link lead user2 to calls of its own, at ${prefix}/v1`, async () => {
      const wanted = { caller: 'user2', callee: 'user4', tags: { prefix } };
      const placed = [
        await send('user2', 'POST', `${prefix}/v1/calls`, [json], wanted),
        await send('user2', 'POST', `${prefix}/v1/calls`, [json], wanted),
      ];
      const page = await send('user2', 'GET', `${prefix}/v1/calls?limit=1&tag.prefix=${encodeURIComponent(prefix)}`);
      const [next = ''] = page.headers('link').map((link) => /^<(.*)>; rel="next"$/.exec(link)?.[1] ?? '');
      const paths = [...placed.flatMap((reply) => reply.headers('location')), next];
      expect(paths.filter((path) => path.startsWith(`${prefix}/v1/calls`))).to.have.length(3);
      const [first, second, rest] = await Promise.all(
        paths.map(async (path) => (await send('user2', 'GET', path)).body),
      );
      expect(placed.map(({ body }) => idOf(body))).to.deep.equal([idOf(first), idOf(second)]);
      expect(idsOf(page.body)).to.deep.equal([idOf(second)]);
      expect(idsOf(rest)).to.deep.equal([idOf(first)]);
    });

  for (const prefix of ['', REDIRECT])
    it(`and the description and its page lead to ${prefix}/v1`, async () => {
      const page = await send('user2', 'GET', `${prefix}/v1/docs`);
      const files = [...page.body.matchAll(/(?:href|src)="(docs\/[^"]*)"/g)].map(
        ([, file = '']) => `${prefix}/v1/${file}`,
      );
      const replies = await Promise.all(files.map(async (file) => send('user2', 'GET', file)));
      expect(replies.map(({ status }) => status)).to.deep.equal([200, 200]);
      const description = await send('user2', 'GET', `${prefix}/v1/openapi.json`, ['X-Forwarded-Prefix: /elsewhere">']);
      const { servers } = JSON.parse(description.body) as { servers: readonly { url: string }[] };
      expect(servers.map(({ url }) => url)).to.deep.equal([prefix || '/']);
    });

  it('and the call has gone on', async () => {
    const call = JSON.parse((await send('user1', 'GET', `/v1/calls/${id}`)).body) as object;
    expect(call).to.include({ status: 'connected', isFinal: false, callee: 'user3@example.com' });
    const { items } = JSON.parse((await send('user1', 'GET', '/v1/calls')).body) as { items: unknown[] };
    expect(items).to.have.length(1);
  });
});

function idOf(body = ''): string {
  return (JSON.parse(body) as CallInfo).id;
}

function idsOf(body = ''): string[] {
  return (JSON.parse(body) as CallPage).items.map(({ id }) => id);
}

/** A stream of events from outside, of user2 where nobody else is named. */
class Listener {
  text = '';
  readonly #socket: TLSSocket;

  constructor(port: number, path: string, user = 'user2') {
    this.#socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    this.#socket.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    this.#socket.write(requestText('GET', path, [basic(user, '123')]));
  }

  async until(what: string): Promise<void> {
    while (!this.text.includes(what)) await once(this.#socket, 'data', { signal: AbortSignal.timeout(10_000) });
  }

  close(): void {
    this.#socket.destroy();
  }
}
