import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { type Container, startContainer } from '../support/container.js';
import { footprint, footprintOnceLike } from '../support/footprint.js';
import { requirePeers } from '../support/peers/programs.js';
import { callOf } from '../support/sipp/refer-call.js';
import { startSipp, type Sipp } from '../support/sipp/sipp.js';

const calls = 1000;
const callsPerSecond = 50;
const record = [
  'INVITE 100 Trying',
  'INVITE 180 Ringing',
  'INVITE 200 OK',
  'REFER 202 Accepted',
  'NOTIFY 100 Trying',
  'NOTIFY 180 Ringing',
  'NOTIFY 200 OK',
].join('\n');

describe(`${calls} calls at ${callsPerSecond} a second`, function () {
  this.timeout(90_000);
  let phone: Sipp;
  let container: Container;

  before(async function () {
    requirePeers(this, 'sipp');
    phone = await startSipp({ scenario: 'follows-refer', calls, timeoutS: 60, underLoad: true });
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${phone.port};lr`, sipT1Ms: 100, logLevel: 'warn' });
  });

  after(async () => {
    await container?.stop();
    await phone?.stop();
  });

  it('all complete, and leave nothing behind', async () => {
    const before = await footprint(container);
    const startMs = performance.now();
    const running: Promise<string>[] = [];
    for (let i = 0; i < calls; i++) {
      await delay(Math.max(0, startMs + (i * 1000) / callsPerSecond - performance.now()));
      running.push(callAndWatch(container, `phone${i}`).catch(String));
    }
    const outcomes = await Promise.all(running);
    const kept = await footprint(container);

    const { exitCode, errors, summary } = await phone.finished;
    expect(exitCode, errors.slice(0, 2000)).to.equal(0);
    expect(summary).to.match(/Successful call +\| +\d+ +\| +1000 /);
    expect(summary).to.match(/Failed call +\| +\d+ +\| +0 /);
    expect(outcomes.filter((outcome) => outcome !== record)).to.deep.equal([]);

    expect(kept.sip['userAgentCores'], 'calls kept for late retransmissions').to.be.above(0);
    expect(await footprintOnceLike(container, before)).to.deep.equal(before);
  });
});

async function callAndWatch(container: Container, calling: string): Promise<string> {
  const call = callOf(container, calling, 'user2', 'agent=user1&resultCacheTime=8');
  await call.place();
  return (await call.waitForRecord(record.split('\n').length)).join('\n');
}
