import { expect } from 'chai';
import { ApiHost, type Problem } from '../client.js';

interface Event {
  readonly id: string;
  readonly type: string;
}

/** As the redirect names the user that it has let in. */
const as = (user: string) => ({ 'x-sipxrest-user': user });

/** A client of `/v1/events`. */
class Reader {
  #text = '';
  readonly #chunks: AsyncIterator<Uint8Array>;

  private constructor(response: Response) {
    this.#chunks = (response.body ?? expect.fail('no stream'))[Symbol.asyncIterator]();
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<Reader> {
    const response = await fetch(url, { headers });
    expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
    return new Reader(response);
  }

  /** All events so far, as soon as one of this type is among them. */
  async until(type: string): Promise<Event[]> {
    const decoder = new TextDecoder();
    for (;;) {
      const complete = this.#text.slice(0, this.#text.lastIndexOf('\n\n') + 1);
      const events = [...complete.matchAll(/^(?:id: (.*)\n)?event: (.*)$/gm)].map(([, id = '', name = '']) => ({
        id,
        type: name,
      }));
      if (events.some((event) => event.type === type)) return events;
      const { value, done } = await this.#chunks.next();
      if (done) throw new Error(`the stream ended without ${type}: ${this.#text}`);
      this.#text += decoder.decode(value);
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

describe('/v1/events', () => {
  let api: ApiHost;
  let url: string;

  beforeEach(async () => {
    api = await ApiHost.start();
    url = `${api.host.url}/v1/events`;
  });

  afterEach(async () => {
    await api.host.stop();
  });

  const busy = { caller: 'user1', callee: 'busy', method: 'refer' };

  it('reports each step of a call, in order', async () => {
    const reader = await Reader.open(url);
    await api.place({ caller: 'user1', callee: 'user2', method: 'refer' });
    expect(types(await reader.until('call.handed_over'))).to.deep.equal([
      'stream.open',
      'call.created',
      'call.caller_ringing',
      'call.caller_answered',
      'call.callee_ringing',
      'call.connected',
      'call.handed_over',
    ]);
    await reader.close();
  });

  it('continues after a reader was cut off, without loss', async () => {
    const first = await Reader.open(url);
    const [opened] = await first.until('stream.open');
    await first.close();
    await api.place(busy);
    const id = opened?.id ?? '';
    for (const [query, headers] of [
      ['', { 'last-event-id': id }],
      [`?lastEventId=${id}`, {}],
    ] as const) {
      const resumed = await Reader.open(url + query, headers);
      const events = await resumed.until('call.ended');
      expect(events[0]).to.deep.equal({ id: opened?.id, type: 'stream.open' });
      expect(types(events).slice(1, 3)).to.deep.equal(['call.created', 'call.caller_ringing']);
      await resumed.close();
    }
  });

  it('says that events are missing if the log does not reach back', async () => {
    const reader = await Reader.open(url, { 'last-event-id': 'another-7' });
    expect(types(await reader.until('stream.reset'))).to.deep.equal(['stream.open', 'stream.reset']);
    await reader.close();
  });

  it('allows at most 32 readers of one user from outside, and still has room for others', async () => {
    const readers = await Promise.all(Array.from({ length: 32 }, async () => Reader.open(url, as('user1'))));
    const refused = await fetch(url, { headers: as('user1') });
    expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([429, '5']);
    expect(await refused.json()).to.include({ code: 'limit-reached' });
    const others = await Promise.all([Reader.open(url, as('user2')), Reader.open(url)]);
    for (const reader of others) expect(types(await reader.until('stream.open'))).to.deep.equal(['stream.open']);
    await Promise.all([...readers, ...others].map(async (reader) => reader.close()));
  });

  it('names all errors of a request, and starts no stream', async () => {
    const { status, body } = await api.send<Problem>('GET', '/v1/events?user=%3C%3E&type=red&call=x&colour=red');
    expect([status, body.errors?.map(({ pointer }) => pointer)]).to.deep.equal([
      400,
      ['/call', '/type', '/colour', '/user'],
    ]);
  });

  it('sends only the requested events', async () => {
    const { body } = await api.place(busy);
    const readers = [
      `${url}?type=call.created,call.ended`,
      `${url}?user=sip:user3@EXAMPLE.com`,
      `${url}?call=${body.id}`,
    ];
    const [byType, byUser, byCall] = await Promise.all(readers.map((each) => Reader.open(each)));
    await api.place(busy);
    await api.place({ ...busy, caller: 'user3' });
    expect(types((await byType?.until('call.ended')) ?? []).slice(0, 3)).to.deep.equal([
      'stream.open',
      'call.created',
      'call.ended',
    ]);
    expect(types((await byUser?.until('call.ended')) ?? []).filter((type) => type === 'call.ended')).to.have.length(1);
    expect(types((await byCall?.until('stream.open')) ?? [])).to.deep.equal(['stream.open']);
    await Promise.all([byType?.close(), byUser?.close(), byCall?.close()]);
  });
});

function types(events: readonly Event[]): string[] {
  return events.map(({ type }) => type);
}
