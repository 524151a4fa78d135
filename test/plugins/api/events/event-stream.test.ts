import { expect } from 'chai';
import { EventStream } from '../../../../plugins/api/events/event-stream.js';
import { batchesOf } from '../../../../plugins/api/events/batch.js';
import { EventLog, type LoggedEvent } from '../../../../plugins/api/events/event-log.js';
import { loggedEvents, newEvent } from '../new-event.js';

const options = { cursor: 'log-0' };

/** Tells events, each of them alone. */
function tell(stream: EventStream, events: readonly LoggedEvent[]): void {
  for (const event of events) {
    for (const batch of batchesOf([event])) stream.tell(batch);
    stream.flush();
  }
}

/** Types of the events that a reader gets now. */
function read(stream: EventStream): string[] {
  const text = String(stream.read() ?? '');
  return [...text.matchAll(/^event: (.*)$/gm)].map(([, type = '']) => type);
}

describe('A stream of events', () => {
  it('opens with its cursor and how soon to come back, and writes an envelope under its id', () => {
    const stream = new EventStream(options);
    const [event] = loggedEvents('a', 1);
    expect(String(stream.read())).to.match(/^retry: 2000\nid: log-0\nevent: stream.open\ndata: {.*}\n\n$/);
    if (event) tell(stream, [event]);
    expect(String(stream.read())).to.equal(`id: ${event?.id}\nevent: call.created\ndata: ${event?.json}\n\n`);
  });

  it('resets a reader that is more than 256 events behind, once, and then continues', () => {
    const stream = new EventStream(options);
    read(stream);
    tell(stream, loggedEvents('a', 1));
    const events = loggedEvents('a', 600);
    tell(stream, events);
    const types = read(stream);
    expect(types.filter((type) => type === 'stream.reset')).to.have.length(1);
    expect(types.length).to.be.at.most(258);
    tell(stream, loggedEvents('b', 2));
    expect(read(stream)).to.deep.equal(['call.created', 'call.created']);
  });

  it('announces its end, sends the remaining events, and ends after them', async () => {
    const stream = new EventStream(options);
    stream.announceEnd();
    tell(stream, loggedEvents('a', 1));
    stream.end();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    const types = [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);
    expect(types).to.deep.equal(['stream.open', 'stream.closing', 'call.created']);
  });

  it('sends all missed events, however many', async () => {
    const missed = loggedEvents('a', 1_000);
    const stream = new EventStream({ ...options, missed });
    const later = loggedEvents('b', 3);
    tell(stream, later);
    stream.end();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    const ids = [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id);
    expect(ids).to.deep.equal(['log-0', ...[...missed, ...later].map(({ id }) => id)]);
  });

  it('keeps no more for a reader that reads nothing than 256 events, or 1 MiB', () => {
    const stream = new EventStream(options);
    const log = new EventLog(10_000);
    const { call } = newEvent('a', 1);
    const long = Array.from({ length: 100 }, (_, index) =>
      log.add({ ...newEvent('a', index + 1), call: { ...call, subject: 'x'.repeat(50_000) } }),
    );
    tell(stream, long);
    expect(stream.waitingBytes).to.be.at.most(1_048_576);
    tell(stream, loggedEvents('b', 10_000));
    expect(stream.waitingBytes).to.be.at.most(1_048_576);
  });
});
