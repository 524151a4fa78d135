import { expect } from 'chai';
import { type Container, startContainer } from '../../support/container.js';
import { freePorts } from '../../support/ports.js';
import type { StatusLine } from '../../support/status-lines.js';

const timeoutMs = 10_000;

describe('a call in the sandbox, placed over HTTP', () => {
  let container: Container;

  before(async () => {
    const port = await freePorts();
    container = await startContainer({
      sipProxy: `sip:127.0.0.1:${port};lr`,
      plugins: { sandbox: { port, ringMs: 10, answerMs: 60, talkMs: 2000, patienceMs: 1500 } },
    });
  });

  after(async () => container.stop());

  async function place(path: string): Promise<void> {
    const response = await container.post(path);
    expect(`${response.status} ${await response.text()}`).to.equal('200 ');
  }

  /** The record once it has the event `last`. */
  async function record(path: string, last: string): Promise<string[]> {
    const events = await container.waitForStatus(path, (found) => found.map(inShort).includes(last), timeoutMs);
    return events.map(inShort);
  }

  it('makes user1 and user2 talk, and records every step', async () => {
    await place('/callcontroller/user1/user2');
    const events = await record('/callcontroller/user1/user2', 'NOTIFY 200');
    expect(events.slice(0, 5)).to.deep.equal(['INVITE 100', 'INVITE 407', 'INVITE 100', 'INVITE 180', 'INVITE 200']);
    expect(events.filter((event) => event !== 'REFER 407').slice(5)).to.have.members([
      'REFER 202',
      'NOTIFY 100',
      'NOTIFY 180',
      'NOTIFY 200',
    ]);
    const sandbox = await (await container.get('/sandbox')).text();
    expect(sandbox).to.contain('"with":"sip:user2@example.com"');
  });

  for (const [path, outcome] of [
    ['/callcontroller/user1/busy', 'NOTIFY 486'],
    ['/callcontroller/user1/reject', 'NOTIFY 603'],
    ['/callcontroller/user1/nobody', 'NOTIFY 404'],
    ['/callcontroller/user1/noanswer', 'NOTIFY 487'],
    ['/callcontroller/busy/user1?agent=user1', 'INVITE 486'],
    ['/callcontroller/reject/user1?agent=user1', 'INVITE 603'],
    ['/callcontroller/nobody/user1?agent=user1', 'INVITE 404'],
    ['/callcontroller/noanswer/user1?agent=user1&timeout=1', 'INVITE 408'],
  ] as const) {
    it(`records ${outcome} for ${path}`, async () => {
      await place(path);
      expect(await record(path, outcome)).to.include(outcome);
    });
  }

  it('places a call for an agent other than caller and callee', async () => {
    const path = '/callcontroller/user2/user1?agent=user3';
    await place(path);
    expect(await record(path, 'NOTIFY 200')).to.include('REFER 202');
  });
});

/** An event in short, for example `INVITE 180`. */
function inShort({ method, statusLine }: StatusLine): string {
  return `${method} ${statusLine.split(' ')[1]}`;
}
