import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { type Relay, startRelay } from '../support/relay.js';
import { callOf } from '../support/sipp/refer-call.js';
import { expectAllowedRetransmissions } from '../support/sipp/retransmission-rules.js';
import { startSipp } from '../support/sipp/sipp.js';
import { expectHonestRequests } from '../support/sipp/wire-rules.js';

const t1Ms = 200;

interface Loss {
  /** The first message of this kind never arrives. */
  readonly kind: string;
  /** The call that it is lost from. */
  readonly in: string;
  readonly scenario: string;
  readonly query?: string;
  readonly record: readonly string[];
}

const toTheEnd = [
  'INVITE 100 Trying',
  'INVITE 180 Ringing',
  'INVITE 200 OK',
  'REFER 202 Accepted',
  'NOTIFY 100 Trying',
  'NOTIFY 180 Ringing',
  'NOTIFY 200 OK',
];
const challenged = ['INVITE 407 Proxy Authentication Required', ...toTheEnd];
const cancelled = [
  'INVITE 100 Trying',
  'INVITE 180 Ringing',
  'INVITE 408 Request Timeout',
  'INVITE 487 Request Terminated',
];
const crossed = [...cancelled.slice(0, 3), 'INVITE 200 OK'];

const losses: readonly Loss[] = [
  ...['INVITE', '407 INVITE', '200 INVITE', 'REFER', '202 REFER', 'NOTIFY', '200 NOTIFY', 'BYE', '200 BYE'].map(
    (kind) => ({ kind, in: 'a call that goes well', scenario: 'takes-its-time', record: challenged }),
  ),
  { kind: 'ACK', in: 'a call that goes well', scenario: 'misses-ack', record: toTheEnd },
  ...['CANCEL', '200 CANCEL', '487 INVITE', 'ACK'].map((kind) => ({
    kind,
    in: 'a call that nobody answers',
    scenario: 'no-answer',
    query: 'timeout=1',
    record: cancelled,
  })),
  ...['200 INVITE', 'BYE'].map((kind) => ({
    kind,
    in: 'a call that is answered as it is cancelled',
    scenario: 'answer-crosses-cancel',
    query: 'timeout=1',
    record: crossed,
  })),
];

describe('A lost message changes nothing', function () {
  this.timeout(20_000);
  let relay: Relay;
  let container: Container;
  let phones = 0;

  before(async function () {
    requirePeers(this, 'sipp');
    relay = await startRelay();
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${relay.port};lr`, sipT1Ms: t1Ms });
  });

  after(async () => {
    await relay?.close();
    await container?.stop();
  });

  for (const { kind, in: call, scenario, query, record } of losses) {
    it(`the first ${kind} of ${call}`, async () => {
      const phone = await startSipp({ scenario, values: { pauseMs: String(2 * t1Ms) } });
      try {
        const user = `phone${++phones}`;
        relay.register(user, phone.port);
        relay.loseNext(kind);
        const placed = callOf(container, user, 'user2', `agent=user1&${query ?? ''}`);
        await placed.place();
        await placed.waitForRecord(record.length);
        const { exitCode, errors, messages } = await phone.finished;
        expect(errors).to.equal('');
        expect(exitCode).to.equal(0);
        expect(await placed.record()).to.deep.equal(record);
        expectHonestRequests(messages, '123');

        const callId = messages[0]?.header('Call-ID') ?? '';
        const passed = relay.messages.filter(({ text }) => text.includes(callId));
        expect(passed.filter(({ lost }) => lost).map((message) => message.kind)).to.deep.equal([kind]);
        expectAllowedRetransmissions(passed, container.sipPort, t1Ms);
      } finally {
        await phone.stop();
      }
    });
  }
});
