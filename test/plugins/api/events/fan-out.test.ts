import { expect } from 'chai';
import { mock } from 'node:test';
import type { Batch } from '../../../../plugins/api/events/batch.js';
import { FanOut, type Reader } from '../../../../plugins/api/events/fan-out.js';
import { loggedEvents } from '../new-event.js';

/** Keeps what it is told, and how many events that is at each write. */
class Listener implements Reader {
  readonly batches: Batch[] = [];
  readonly written: number[] = [];

  tell(batch: Batch): void {
    this.batches.push(batch);
  }

  flush(): void {
    this.written.push(this.ids.length);
  }

  get ids(): string[] {
    const text = this.batches.map(({ bytes }) => bytes.toString()).join('');
    return [...text.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id);
  }
}

const all = { key: 'all', isWanted: () => true };

function join(fanOut: FanOut, count: number, view = all): Listener[] {
  const listeners = Array.from({ length: count }, () => new Listener());
  for (const listener of listeners) fanOut.join(listener, view);
  return listeners;
}

describe('The events of very many readers', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setImmediate', 'setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('reach a few readers in the next turn of the event loop, all events of a turn in one write', () => {
    const fanOut = new FanOut();
    const [one, two] = join(fanOut, 2);
    const events = loggedEvents('a', 3);
    for (const event of events) fanOut.tell(event);
    mock.timers.tick(0);
    expect([one?.ids, two?.ids]).to.deep.equal([events.map(({ id }) => id), events.map(({ id }) => id)]);
    expect([one?.written, two?.written]).to.deep.equal([[3], [3]]);
  });

  it('are serialized once for readers of the same events, and batched for a tenth of a second with 1,000 readers', () => {
    const fanOut = new FanOut();
    const listeners = join(fanOut, 1_000);
    const events = loggedEvents('a', 40);
    for (const event of events) {
      fanOut.tell(event);
      mock.timers.tick(2);
    }
    expect(listeners[0]?.batches).to.deep.equal([]);
    mock.timers.tick(200);
    expect(new Set(listeners.map(({ written }) => written.length))).to.deep.equal(new Set([1]));
    expect(new Set(listeners.map(({ batches }) => batches[0]?.bytes)).size).to.equal(1);
    expect(listeners.at(-1)?.ids).to.deep.equal(events.map(({ id }) => id));
  });

  it('reach each reader from joining to leaving, and only readers that asked for them', () => {
    const fanOut = new FanOut();
    const [early] = join(fanOut, 1);
    const [other] = join(fanOut, 1, { key: 'none', isWanted: () => false });
    const [first, second, third] = loggedEvents('a', 3);
    if (!first || !second || !third) throw new Error('no events');
    fanOut.tell(first);
    const late = new Listener();
    const leave = fanOut.join(late, all);
    fanOut.tell(second);
    fanOut.flush();
    leave();
    fanOut.tell(third);
    fanOut.flush();
    expect(early?.ids).to.deep.equal([first.id, second.id, third.id]);
    expect(late.ids).to.deep.equal([second.id]);
    expect(other?.batches).to.deep.equal([]);
  });

  it('come 128 at a time, so that a burst does not put a steady reader behind', () => {
    const fanOut = new FanOut();
    const [listener] = join(fanOut, 1);
    for (const event of loggedEvents('a', 300)) fanOut.tell(event);
    mock.timers.tick(0);
    expect(listener?.written).to.deep.equal([128, 256, 300]);
  });
});
