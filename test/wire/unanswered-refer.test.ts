import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { type Container, startContainer } from '../support/container.js';
import { type Relay, startRelay } from '../support/relay.js';
import { callOf } from '../support/sipp/refer-call.js';
import { startTelephone, type Telephone } from '../support/telephone.js';

const t1Ms = 20;

describe('A REFER of which no answer arrives', () => {
  let telephone: Telephone;
  let relay: Relay;
  let container: Container;

  before(async () => {
    telephone = await startTelephone(t1Ms);
    relay = await startRelay({ gate: ({ kind }) => (kind === '202 REFER' ? new Promise(() => undefined) : undefined) });
    relay.register('*', telephone.port);
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${relay.port};lr`, sipT1Ms: t1Ms });
  });

  after(async () => {
    await container?.stop();
    await relay?.close();
    await telephone?.close();
  });

  it('is taken for accepted when NOTIFYs come: the record has them and no time-out', async () => {
    const call = callOf(container, 'phone', 'user2', 'agent=user1');
    await call.place();
    await call.waitForRecord(5);
    while ((await container.sipCounts())['transactions'] !== 0) await delay(50);
    const record = await call.record();
    expect(record.filter((line) => !line.startsWith('INVITE 1'))).to.deep.equal([
      'INVITE 200 OK',
      'NOTIFY 100 Trying',
      'NOTIFY 180 Ringing',
      'NOTIFY 200 OK',
    ]);
  });
});
