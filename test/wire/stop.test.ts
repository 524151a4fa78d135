import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { openSipSocket } from '../support/sip-socket.js';
import { callOf } from '../support/sipp/refer-call.js';
import { startSipp } from '../support/sipp/sipp.js';

describe('A container that gets SIGTERM ends its calls first', function () {
  this.timeout(20_000);

  before(function () {
    requirePeers(this, 'sipp');
  });

  it('cancels a call that rings, and says why', () => stopDuring('no-answer', 2, 'CANCEL'));

  it('hangs up on a phone that follows the REFER, and says why', () => stopDuring('never-notifies', 3, 'BYE'));

  for (const method of ['Refer', 'Invite']) {
    it(`takes the INVITE of a ${method} call back that nobody has answered yet: a phone may ring late`, async () => {
      const phone = await openSipSocket();
      try {
        const container = await startContainer({ sipProxy: `sip:127.0.0.1:${phone.port};lr` });
        await callOf(container, 'user1', 'user2', `sipMethod=${method}`).place();
        const invite = await phone.waitFor((message) => message.startsWith('INVITE '), 5_000);
        await container.stop();
        const cancel = await phone.waitFor((message) => message.startsWith('CANCEL '), 1_000);
        for (const field of [/^Via:.*/m, /^Call-ID:.*/m, /^From:.*/m, /^To:.*/m])
          expect(field.exec(cancel)?.[0]).to.equal(field.exec(invite)?.[0]);
        expect(/^CSeq:.*/m.exec(cancel)?.[0].trim()).to.equal('CSeq: 1 CANCEL');
      } finally {
        await phone.close();
      }
    });
  }
});

async function stopDuring(scenario: string, entries: number, method: 'CANCEL' | 'BYE'): Promise<void> {
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
    const last = messages.find(({ startLine }) => startLine.startsWith(`${method} `));
    expect(last?.header('Reason')).to.equal('SIP ;cause=503 ;text="Service Unavailable"');
  } finally {
    await phone.stop();
    await container?.stop();
  }
}
