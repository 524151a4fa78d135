import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { openSipSocket } from '../support/sip-socket.js';
import { callOf } from '../support/sipp/refer-call.js';
import { startSipp } from '../support/sipp/sipp.js';

describe('A container that is told to stop ends its calls first', function () {
  this.timeout(20_000);

  before(function () {
    requirePeers(this, 'sipp');
  });

  it('cancels a call that rings, and says why', () => stopDuring('no-answer', 2, 'CANCEL'));

  it('hangs up on a phone that follows the REFER, and says why', () => stopDuring('never-notifies', 3, 'BYE'));

  it('does not wait for a proxy that never answers', async () => {
    const proxy = await openSipSocket();
    try {
      const container = await startContainer({ sipProxy: `sip:127.0.0.1:${proxy.port};lr` });
      await callOf(container, 'user1', 'user2', '').place();
      await container.stop();
    } finally {
      await proxy.close();
    }
  });
});

async function stopDuring(scenario: string, entries: number, farewell: 'CANCEL' | 'BYE'): Promise<void> {
  const phone = await startSipp({ scenario });
  let container: Container | undefined;
  try {
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${phone.port};lr` });
    const call = callOf(container, 'user1', 'user2', '');
    await call.place();
    await call.waitForRecord(entries);
    await container.stop();
    const { exitCode, errors, messages } = await phone.finished;
    expect(errors).to.equal('');
    expect(exitCode).to.equal(0);
    const last = messages.find(({ startLine }) => startLine.startsWith(`${farewell} `));
    expect(last?.header('Reason')).to.equal('SIP ;cause=503 ;text="Service Unavailable"');
  } finally {
    await phone.stop();
    await container?.stop();
  }
}
