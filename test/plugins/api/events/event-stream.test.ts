import { expect } from 'chai';
import { EventStream } from '../../../../plugins/api/events/event-stream.js';
import { loggedEvents } from '../new-event.js';

const options = { cursor: 'log-0', isWanted: () => true };

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
    if (event) stream.tell(event);
    expect(String(stream.read())).to.equal(`id: ${event?.id}\nevent: call.created\ndata: ${event?.json}\n\n`);
  });

  it('resets a reader that is more than 256 events behind, once, and goes on from then', () => {
    const stream = new EventStream(options);
    read(stream);
    stream.tell(loggedEvents('a', 1)[0] ?? expect.fail());
    const events = loggedEvents('a', 600);
    for (const event of events) stream.tell(event);
    const types = read(stream);
    expect(types.filter((type) => type === 'stream.reset')).to.have.length(1);
    expect(types.length).to.be.at.most(258);
    for (const event of loggedEvents('b', 2)) stream.tell(event);
    expect(read(stream)).to.deep.equal(['call.created', 'call.created']);
  });

  it('says goodbye and ends', async () => {
    const stream = new EventStream(options);
    stream.closing();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text).to.match(/event: stream.closing\n/);
  });
});
