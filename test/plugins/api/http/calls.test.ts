import { expect } from 'chai';
import type { CallInfo, CallMessage, CallPage } from '../../../../sdk/index.js';
import { exchange } from '../../../container/http/raw-client.js';
import { ApiHost, type Problem } from '../client.js';

const order = { caller: 'user1', callee: 'user2' };

describe('/v1/calls', () => {
  let api: ApiHost;

  before(async () => {
    api = await ApiHost.start();
  });

  after(async () => {
    await api.host.stop();
  });

  for (const [method, callee, status, reason] of [
    ['refer', 'user2', 'connected', undefined],
    ['refer', 'busy', 'failed', { code: 'calleeBusy', sip: 486 }],
    ['refer', 'reject', 'failed', { code: 'calleeFailure', sip: 603 }],
    ['auto', 'user2', 'connected', undefined],
    ['auto', 'nobody', 'failed', { code: 'calleeFailure', sip: 404 }],
    ['invite', 'busy', 'failed', { code: 'calleeBusy', sip: 486 }],
    ['invite', 'reject', 'failed', { code: 'calleeFailure', sip: 603 }],
  ] as const)
    it(`shows that a call to ${callee} with the method ${method} is ${status}`, async () => {
      const { status: http, headers, body } = await api.place({ ...order, callee, method });
      expect(http).to.equal(201);
      expect(headers.get('location')).to.equal(`/v1/calls/${body.id}`);
      expect(headers.get('etag')).to.equal(`"${body.revision}"`);
      expect(body).to.include({ status, isFinal: true, control: 'none', method });
      if (reason) expect(body.reason).to.include({ ...reason, by: 'callee' });
      else expect(body).not.to.have.property('reason');
    });

  it('shows who did not answer the call, and that it was cancelled', async () => {
    const busy = await api.place({ caller: 'busy', callee: 'user2', agent: 'user1', method: 'refer' });
    expect(busy.body.reason).to.include({ code: 'callerBusy', sip: 486, by: 'caller' });
    const late = await api.place({ caller: 'noanswer', callee: 'user2', agent: 'user1', timeoutSeconds: 0 });
    expect(late.body.reason).to.include({ code: 'callerNoAnswer', sip: 408, by: 'caller' });
    const { body } = await api.send('POST', '/v1/calls', { caller: 'noanswer', callee: 'user2', agent: 'user1' });
    expect((await api.send('DELETE', `/v1/calls/${body.id}`)).status).to.equal(202);
    const over = await api.send('DELETE', `/v1/calls/${body.id}`);
    expect(over.status).to.equal(200);
    expect(over.body).to.deep.include({ status: 'failed', reason: { code: 'cancelled', by: 'agent' } });
  });

  it('replaces a Refer call by another with the same parties, and keeps both', async () => {
    const wanted = { caller: 'noanswer', callee: 'user3', agent: 'user1', method: 'refer' };
    const first = (await api.send('POST', '/v1/calls', wanted)).body;
    const second = (await api.send('POST', '/v1/calls', wanted)).body;
    expect((await api.send('GET', `/v1/calls/${first.id}`)).body.reason?.code).to.equal('replaced');
    expect((await api.send('GET', `/v1/calls/${second.id}`)).body).to.include({ isFinal: false });
    await api.send('DELETE', `/v1/calls/${second.id}`);
  });

  it('holds, resumes, transfers and hangs up an Invite call', async () => {
    const { body } = await api.place({ ...order, method: 'invite', maxDurationSeconds: 60 });
    expect(body).to.include({ status: 'connected', isFinal: false, control: 'full', isHeld: false });
    expect(Date.parse(body.endsAt ?? '') - Date.parse(body.connectedAt ?? '')).to.equal(60_000);
    const path = `/v1/calls/${body.id}`;
    const until = async (isWanted: (call: CallInfo) => boolean): Promise<CallInfo> => {
      let call = (await api.send('GET', path)).body;
      while (!isWanted(call)) {
        const next = await api.send<CallInfo | undefined>('GET', path, undefined, {
          'if-none-match': `"${call.revision}"`,
          prefer: 'wait=5',
        });
        call = next.body ?? expect.fail('nothing happens');
      }
      return call;
    };
    expect((await api.send('POST', `${path}/hold`)).status).to.equal(202);
    await until(({ isHeld }) => isHeld === true);
    expect((await api.send('POST', `${path}/resume`)).status).to.equal(202);
    await until(({ isHeld }) => isHeld === false);
    expect((await api.send('POST', `${path}/transfer`, { target: 'user3' })).status).to.equal(202);
    await until(({ legs }) => legs.filter(({ role }) => role === 'caller').length === 2);
    expect((await api.send('DELETE', path)).status).to.equal(202);
    const over = await until(({ isFinal }) => isFinal);
    expect(over).to.deep.include({ status: 'disconnected', reason: { code: 'hangUp', by: 'agent' } });
  });

  it('answers 409 with the required state if a call cannot be held', async () => {
    const { body } = await api.place({ ...order, method: 'refer' });
    const { status, body: problem } = await api.send<Problem & { detail: string }>('POST', `/v1/calls/${body.id}/hold`);
    expect([status, problem.code]).to.deep.equal([409, 'wrong-state']);
    expect(problem.detail).to.contain('method invite');

    const call = await api.place({ ...order, method: 'invite' });
    const path = `/v1/calls/${call.body.id}`;
    expect((await api.send('POST', `${path}/transfer`, { target: 'noanswer' })).status).to.equal(202);
    const changing = await api.send<Problem & { detail: string }>('POST', `${path}/hold`);
    expect([changing.status, changing.body.code]).to.deep.equal([409, 'wrong-state']);
    expect(changing.body.detail).to.contain('being held, resumed or transferred');
  });

  it('answers 304 after a while in which nothing changed', async () => {
    const { body } = await api.place({ caller: 'busy', callee: 'user2', agent: 'user1' });
    const headers = { 'if-none-match': `W/"1", "${body.revision}"` };
    const startMs = performance.now();
    expect((await api.send('GET', `/v1/calls/${body.id}`, undefined, headers)).status).to.equal(304);
    const waited = await api.send('GET', `/v1/calls/${body.id}`, undefined, { ...headers, prefer: 'wait=1' });
    expect(waited.status).to.equal(304);
    expect(performance.now() - startMs).to.be.at.least(990);
  });

  it('shows the SIP messages of a call in order', async () => {
    const { body } = await api.place({ ...order, method: 'refer' });
    const { items } = (await api.send<{ items: CallMessage[] }>('GET', `/v1/calls/${body.id}/messages`)).body;
    expect(
      items.map(({ direction, startLine }) => `${direction} ${startLine.split(' sip:')[0]}`).slice(0, 4),
    ).to.deep.equal(['out INVITE', 'in SIP/2.0 100 Trying', 'in SIP/2.0 407 Proxy Authentication Required', 'out ACK']);
    expect(items.map(({ cseq }) => cseq)).to.include.members(['1 INVITE', '2 INVITE', '2 ACK', '3 REFER', '1 NOTIFY']);
    expect(items[0]).to.include({ leg: 'caller' }).and.not.to.have.property('text');
  });

  it('lists calls newest first, page by page, with filters', async () => {
    const tags = { customer: '17' };
    const ids: string[] = [];
    for (const method of ['refer', 'invite', 'refer'])
      ids.unshift((await api.place({ ...order, callee: 'busy', method, tags })).body.id);
    const first = await list(api, 'tag.customer=17&limit=2');
    expect(first.body.items.map(({ id }) => id)).to.deep.equal(ids.slice(0, 2));
    expect(first.headers.get('link')).to.match(/^<\/v1\/calls\?.*cursor=.*>; rel="next"$/);
    const second = await list(api, `tag.customer=17&limit=2&cursor=${first.body.next}`);
    expect(second.body).to.have.property('items').with.length(1);
    expect(second.body).not.to.have.property('next');
    expect((await list(api, 'tag.customer=17&state=live')).body.items).to.deep.equal([]);
    expect((await list(api, 'tag.customer=17&status=failed&user=busy&agent=201')).body.items).to.have.length(3);
    expect((await list(api, 'tag.customer=18')).body.items).to.deep.equal([]);
  });

  it('names all errors of a request', async () => {
    const broken = {
      caller: 'user1',
      callee: 5,
      timeoutSeconds: -1,
      colour: 'red',
      tags: { 'a b': 'c', n: 5 },
      subject: 'a\r\nb',
    };
    const { status, headers, body } = await api.send<Problem>('POST', '/v1/calls', broken);
    expect(status).to.equal(400);
    expect(headers.get('content-type')).to.equal('application/problem+json');
    expect(body.requestId).to.match(/^[\w-]+$/);
    const pointers = body.errors?.map(({ pointer }) => pointer);
    expect(pointers).to.have.members(['/callee', '/timeoutSeconds', '/colour', '/tags/a b', '/tags/n', '/subject']);
    const unusable = { caller: 'a<b', callee: 'c d@', headers: { callee: { Via: 'x' } } };
    const pointersOf = async (wrong: object): Promise<string[] | undefined> =>
      (await api.send<Problem>('POST', '/v1/calls', wrong)).body.errors?.map(({ pointer }) => pointer);
    expect(await pointersOf(unusable)).to.have.members(['/caller', '/callee', '/headers/callee/Via']);
    const sink = { url: 'http://127.0.0.1/', secret: 'a'.repeat(32) };
    expect(await pointersOf({ ...unusable, colour: 'red', sink })).to.have.members([
      '/caller',
      '/callee',
      '/headers/callee/Via',
      '/colour',
      '/sink/url',
    ]);
  });

  it('answers 400 to JSON nested as deep as the longest body allows', async () => {
    for (const nested of ['['.repeat(30_000) + ']'.repeat(30_000), '{"x":'.repeat(10_000) + '1' + '}'.repeat(10_000)]) {
      for (const body of [nested, `{"caller":${nested}}`, `{"x":${nested}}`])
        expect((await api.send<Problem>('POST', '/v1/calls', body)).status).to.equal(400);
    }
  });

  it('names all errors in the query of a list', async () => {
    const query = 'user=a%3Cb&agent=c%20d%40&status=red&since=x&since=y&limit=0&colour=red&cursor=-';
    const { status, body } = await api.send<Problem>('GET', `/v1/calls?${query}`);
    expect([status, body.code]).to.deep.equal([400, 'bad-request']);
    const pointers = ['/user', '/agent', '/status', '/since', '/limit', '/colour', '/cursor'];
    expect(body.errors?.map(({ pointer }) => pointer)).to.have.members(pointers);
    const addresses = await api.send<Problem>('GET', '/v1/calls?user=a%3Cb&agent=c%20d%40');
    expect(addresses.body.errors?.map(({ pointer }) => pointer)).to.have.members(['/user', '/agent']);
  });

  it('gives the id of a request back, in an error also in the body', async () => {
    const headers = { 'x-request-id': 'order-4711' };
    const placed = await api.send('POST', '/v1/calls', { ...order, callee: 'busy' }, headers);
    const listed = await api.send('GET', '/v1/calls', undefined, headers);
    const refused = [
      await api.send<Problem>('POST', '/v1/calls', '{', headers),
      await api.send<Problem>('GET', '/v1/calls?limit=0', undefined, headers),
      await api.send<Problem>('GET', '/v1/calls/none', undefined, headers),
      await api.send<Problem>('GET', '/v1/phones', undefined, headers),
      await api.send<Problem>('PUT', '/v1/calls', undefined, headers),
    ];
    expect(refused.map(({ body }) => body.requestId)).to.deep.equal(refused.map(() => 'order-4711'));
    for (const answer of [placed, listed, ...refused])
      expect(answer.headers.get('x-request-id')).to.equal('order-4711');
    const own = await api.send<Problem>('GET', '/v1/calls/none');
    expect(own.headers.get('x-request-id')).to.equal(own.body.requestId).and.not.to.equal('');
  });

  for (const [what, method, path, body, status, code] of [
    ['no JSON', 'POST', '/v1/calls', '{', 400, 'bad-request'],
    [
      'JSON of 5,000 levels',
      'POST',
      '/v1/calls',
      `${'{"tags":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
      400,
      'bad-request',
    ],
    ['no such call', 'GET', '/v1/calls/01a22658-7edc-7525-a6ba-7f04c3f081f7', undefined, 404, 'no-such-call'],
    ['no such path', 'GET', '/v1/phones', undefined, 404, 'not-found'],
    ['another method', 'PUT', '/v1/calls', {}, 405, 'method-not-allowed'],
    ['an unknown filter', 'GET', '/v1/calls?stat=live', undefined, 400, 'bad-request'],
    [
      'an agent without credentials',
      'POST',
      '/v1/calls',
      { caller: 'stranger', callee: 'user2' },
      403,
      'no-credentials',
    ],
    [
      "a number that is not the agent's",
      'POST',
      '/v1/calls',
      { ...order, callerId: '0815' },
      403,
      'caller-id-not-allowed',
    ],
    [
      'a sink on this host',
      'POST',
      '/v1/calls',
      { ...order, sink: { url: 'http://127.0.0.1/', secret: 'a'.repeat(32) } },
      400,
      'bad-request',
    ],
  ] as const)
    it(`answers ${status} in JSON to ${what}`, async () => {
      const answer = await api.send<Problem>(method, path, body);
      expect([answer.status, answer.body.status, answer.body.code]).to.deep.equal([status, status, code]);
    });

  it('answers in JSON to requests that the listener itself refuses', async () => {
    const browser = 'Sec-Fetch-Site: cross-site\r\n';
    for (const [method, path, fields, status] of [
      ['FOO', '/v1/calls/x', '', 405],
      ['GET', `/v1/calls?user=${'x'.repeat(20_000)}`, '', 431],
      ['GET', '/v1/calls', 'Content-Length: 1\r\nContent-Length: 2\r\n', 400],
      ['GET', '/v1/calls', 'Host: twice\r\n', 400],
      ['PUT', '/v1/calls', browser, 403],
      ['GET', '/v1/calls', `${browser}Host: attacker.test\r\n`, 421],
    ] as const) {
      const host = fields.includes('Host: a') ? '' : `Host: 127.0.0.1\r\n`;
      const text = `${method} ${path} HTTP/1.1\r\n${host}${fields}Connection: close\r\n\r\n`;
      const answer = await exchange(api.host.httpPort, text);
      expect(answer.head, text.slice(0, 80)).to.include('application/problem+json');
      expect(JSON.parse(answer.body), text.slice(0, 80)).to.include({ status }).and.include.keys('code', 'requestId');
      expect(answer.body).not.to.include('internal-error');
      if (status === 405) expect(answer.head).to.include('\r\nAllow: DELETE, GET\r\n');
    }
  });

  it('names the missing members if a JSON body is empty', async () => {
    const { status, body } = await api.send<Problem>('POST', '/v1/calls', '', { 'content-type': 'application/json' });
    expect([status, body.errors?.[0]?.found]).to.deep.equal([400, 'nothing']);
  });

  it('answers 415 to a body that is not JSON', async () => {
    const { status } = await api.send('POST', '/v1/calls', 'caller=user1', { 'content-type': 'text/plain' });
    expect(status).to.equal(415);
  });

  it('places one call for twenty requests with one key, and gives all the same answer', async () => {
    const tags = { once: 'yes' };
    const requests = Array.from({ length: 20 }, () =>
      api.send('POST', '/v1/calls', { ...order, tags }, { 'idempotency-key': 'k1' }),
    );
    const answers = await Promise.all(requests);
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body])))).to.have.property('size', 1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).to.have.length(19);
    expect((await api.send<CallPage>('GET', '/v1/calls?tag.once=yes')).body.items).to.have.length(1);
    const other = await api.send<Problem>('POST', '/v1/calls', order, { 'idempotency-key': 'k1' });
    expect([other.status, other.body.code]).to.deep.equal([422, 'idempotency-key-reused']);
  });

  it('frees a key if nothing was sent, and answers 409 while the first request is in progress', async () => {
    const headers = { 'idempotency-key': '"k2"' };
    expect((await api.send('POST', '/v1/calls', { caller: 'stranger', callee: 'user2' }, headers)).status).to.equal(
      403,
    );
    const slow = { caller: 'noanswer', callee: 'user2', agent: 'user1' };
    const first = api.send('POST', '/v1/calls', slow, { ...headers, prefer: 'wait=4' });
    const second = await api.send<Problem>('POST', '/v1/calls', slow, headers);
    expect([second.status, second.body.code]).to.deep.equal([409, 'idempotency-key-in-use']);
    expect((await first).status).to.equal(201);
    await api.send('DELETE', `/v1/calls/${(await first).body.id}`);
  });

  it('is the Location that the URLs of the service description give', async () => {
    const response = await fetch(`${api.host.url}/callcontroller/user1/user3`, { method: 'POST' });
    expect(response.status).to.equal(200);
    const { body } = await api.send('GET', response.headers.get('location') ?? '');
    expect(body).to.include({ method: 'refer', caller: 'user1@example.com', callee: 'user3@example.com' });
  });
});

async function list(api: ApiHost, query: string) {
  return await api.send<CallPage>('GET', `/v1/calls?${query}`);
}
