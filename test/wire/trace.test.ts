import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { startSipp } from '../support/sipp/sipp.js';

type Line = Readonly<Record<string, unknown>>;

describe('SIP in the log', function () {
  this.timeout(60_000);

  before(function () {
    requirePeers(this, 'sipp');
  });

  it('has each message of a call at the level trace, with the ids of the call and of its request, and no secret', async () => {
    expectWhole(await linesOfCall('trace'));
  });

  it('has none at the level debug', async () => {
    expect(await linesOfCall('debug')).to.deep.equal([]);
  });

  it('has those of one user for a while', async () => {
    const lines = await linesOfCall('info', async (container) => {
      const answer = await put(container, { user: 'user2' });
      expect(answer.status).to.equal(200);
      expect(await answer.json()).to.include({ user: 'user2' });
    });
    expectWhole(lines);
  });

  it('has none of other users', async () => {
    expect(await linesOfCall('info', (container) => put(container, { user: 'user3' }))).to.deep.equal([]);
  });

  it('refuses a trace of nobody, of two, and of a call that does not exist', async () => {
    const container = await startContainer();
    try {
      const call = '01890000-0000-7000-8000-000000000000';
      const statuses = [];
      for (const body of [{}, { user: 'user1', call }, { user: 'a b' }, { user: 'user1', seconds: 0 }, { call }])
        statuses.push((await put(container, body)).status);
      expect(statuses).to.deep.equal([400, 400, 400, 400, 404]);
    } finally {
      await container.stop();
    }
  });
});

/** Places a call that the phone challenges, and gives the SIP lines of the log when it is over. */
async function linesOfCall(
  logLevel: string,
  prepare: (container: Container) => Promise<unknown> = () => Promise.resolve(),
): Promise<Line[]> {
  const phone = await startSipp({ scenario: 'challenged' });
  let container: Container | undefined;
  try {
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${phone.port};lr`, logLevel });
    await prepare(container);
    const url = `${container.url}/callcontroller/user1/user2?confpin=4711`;
    await fetch(url, { method: 'POST', headers: { 'X-Request-Id': 'order-1' } });
    await phone.finished;
    await container.stop();
    const lines = container.logLines().map((line) => JSON.parse(line) as Line);
    return lines.filter(({ msg }) => msg === 'SIP message');
  } finally {
    await phone.stop();
    await container?.stop();
  }
}

function put(container: Container, body: unknown): Promise<Response> {
  return fetch(`${container.url}/v1/trace`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function expectWhole(lines: readonly Line[]): void {
  const texts = lines.map(({ text }) => String(text));
  const methods = texts.map((text) => text.split(' ')[0]);
  for (const method of ['INVITE', 'ACK', 'REFER', 'NOTIFY', 'BYE', 'SIP/2.0']) expect(methods).to.include(method);
  for (const line of lines) {
    expect(line).to.include({ level: 'trace', requestId: 'order-1', leg: 'caller' });
    expect(line['id']).to.be.a('string');
  }
  const text = texts.join('\n');
  expect(text).to.match(/^(?:Proxy-)?Authorization: …/im);
  expect(text).to.match(/X-ConfPin=…/i);
  expect(text).not.to.match(/4711|response=/);
}
