import { expect } from 'chai';
import { randomFrom } from '../../../support/random.js';
import { cursorOf, LAST, readEvents, type Told } from '../../../support/event-reader.js';
import { ApiHost } from '../client.js';

const READERS = 20;
const CUTS = 200;
const CALLS = 1_000;
/** Of every call at least so many. */
const LEAST_EVENTS = 2;
/** None that a busy machine comes to. */
const limits = {
  callsPerSecond: 10_000,
  callsPerSecondPerAgent: 10_000,
  callsInSetup: 5_000,
  recordsKept: 5_000,
  eventLoopDelayMs: 60_000,
};

describe('Readers of /v1/events that are cut at random', function () {
  this.timeout(180_000);
  let api: ApiHost;

  before(async () => {
    api = await ApiHost.start({ limits });
  });

  after(async () => {
    await api.host.stop();
  });

  it('have each event once and in order, of 1,000 calls and with 200 cuts', async () => {
    const base = api.host.url;
    const cursor = await cursorOf(base);
    const readers = Array.from({ length: READERS }, (_, index) => new CutReader(base, cursor, randomFrom(index + 1)));
    const reading = Promise.all(readers.map((reader) => reader.read()));
    await placeCalls(api);
    await reading;

    const [first, ...others] = readers.map(({ events }) => events.map(({ id }) => id));
    for (const ids of others) expect(ids).to.deep.equal(first);
    const counts = first?.map((id) => Number(id.split('-').at(-1))) ?? [];
    expect(counts).to.deep.equal(counts.map((_, index) => index + (counts[0] ?? 0)));
    expect(readers.reduce((sum, { cuts }) => sum + cuts, 0)).to.equal(CUTS);

    const byCall = new Map<string, Told[]>();
    for (const told of readers[0]?.events ?? []) {
      const id = told.data?.call.id ?? '';
      byCall.set(id, [...(byCall.get(id) ?? []), told]);
    }
    expect(byCall.size).to.equal(CALLS);
    for (const events of byCall.values()) {
      expect(events.map(({ sequence }) => sequence)).to.deep.equal(events.map((_, index) => index + 1));
      expect(events.filter(({ type }) => LAST.has(type))).to.deep.equal([events.at(-1)]);
    }

    // Far more than a reader may be behind: what was missed comes from the log.
    const late: string[] = [];
    for await (const { id, type } of readEvents(base, { lastEventId: cursor })) {
      if (type.startsWith('call.')) late.push(id);
      if (late.length === first?.length) break;
    }
    expect(late).to.deep.equal(first);
  });
});

/** Calls to a telephone that is busy at once. */
async function placeCalls(api: ApiHost): Promise<void> {
  let placed = 0;
  const place = async (): Promise<void> => {
    while (placed < CALLS) {
      placed += 1;
      // Of other parties each time: a call between the same two takes the place of the one before.
      const order = { caller: 'busy', callee: String(placed), agent: 'user1', method: 'refer' };
      expect((await api.send('POST', '/v1/calls', order)).status).to.equal(201);
    }
  };
  await Promise.all(Array.from({ length: 8 }, place));
}

/** Reads until it has seen the end of every call, and goes away ten times before that. */
class CutReader {
  readonly events: Told[] = [];
  cuts = 0;
  #over = 0;

  constructor(
    private readonly base: string,
    private cursor: string,
    private readonly random: () => number,
  ) {}

  async read(): Promise<void> {
    while (this.#over < CALLS) await this.#readOn();
  }

  async #readOn(): Promise<void> {
    const most = (LEAST_EVENTS * CALLS) / (CUTS / READERS) - 1;
    let left = this.cuts < CUTS / READERS ? 1 + Math.floor(this.random() * most) : Infinity;
    for await (const told of readEvents(this.base, {}, { 'last-event-id': this.cursor })) {
      if (told.type === 'stream.reset') throw new Error('events are missing');
      if (!told.type.startsWith('call.')) continue;
      this.cursor = told.id;
      this.events.push(told);
      if (LAST.has(told.type)) this.#over += 1;
      left -= 1;
      if (left === 0) this.cuts += 1;
      if (left === 0 || this.#over === CALLS) return;
    }
  }
}
