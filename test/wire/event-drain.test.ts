import { expect } from 'chai';
import { type Container, startContainer, usersOf } from '../support/container.js';
import { cursorOf, readEvents } from '../support/event-reader.js';
import { freePorts } from '../support/ports.js';

describe('A reader of the events, when the container gets SIGTERM', function () {
  this.timeout(40_000);
  let container: Container;

  before(async () => {
    const port = await freePorts();
    container = await startContainer({
      users: usersOf('example.com'),
      sipProxy: `sip:127.0.0.1:${port};lr`,
      drainSeconds: 5,
      plugins: { sandbox: { port, ringMs: 10, answerMs: 30, talkMs: 60_000 } },
    });
  });

  it('gets stream.closing, and the ends of the calls, before its stream ends', async () => {
    const cursor = await cursorOf(container.url);
    const types: string[] = [];
    let stopped: Promise<void> | undefined;
    await container.post('/callcontroller/user1/user2?sipMethod=Invite');
    for await (const { type } of readEvents(container.url, { lastEventId: cursor })) {
      types.push(type);
      if (type === 'call.connected') stopped = container.stop();
    }
    await stopped;
    expect(types.slice(0, -2).at(-1)).to.equal('call.connected');
    expect(types.slice(-2)).to.have.members(['stream.closing', 'call.ended']);
  });
});
