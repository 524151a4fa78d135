import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { type Container, startContainer } from '../support/container.js';
import { cursorOf, expectOneFinalState } from '../support/event-reader.js';
import { requirePeers } from '../support/peers/programs.js';
import { type Relay, startRelay } from '../support/relay.js';
import type { ScenarioValues } from '../support/sipp/scenario.js';
import { startSipp } from '../support/sipp/sipp.js';
import { expectHonestRequests } from '../support/sipp/wire-rules.js';
import { callOf } from '../support/sipp/refer-call.js';

interface Outcome {
  readonly title: string;
  /** The phone's part in it: a file in `test/fixtures/sipp`. */
  readonly scenario: string;
  readonly values?: ScenarioValues;
  readonly query?: string;
  /** What GET shows in the end: method and status line of each entry, without `SIP/2.0`. */
  readonly record: readonly string[];
  /** Ends by a SIP timer of 64*T1. */
  readonly slow?: boolean;
}

const answered = ['INVITE 100 Trying', 'INVITE 200 OK'];
const accepted = [...answered, 'REFER 202 Accepted'];
const rang = [...accepted, 'NOTIFY 180 Ringing'];

const outcomes: readonly Outcome[] = [
  {
    title: 'records the whole way to the called party, and the answer that comes after its BYE',
    scenario: 'follows-refer',
    record: [
      'INVITE 100 Trying',
      'INVITE 180 Ringing',
      'INVITE 200 OK',
      'REFER 202 Accepted',
      'NOTIFY 100 Trying',
      'NOTIFY 180 Ringing',
      'NOTIFY 200 OK',
    ],
  },
  {
    title: 'leaves the call when the called party answers without ringing',
    scenario: 'called-answers-at-once',
    record: [...accepted, 'NOTIFY 200 OK'],
  },
  {
    title: "leaves the call at the called party's announcement",
    scenario: 'called-in-progress',
    record: [...accepted, 'NOTIFY 183 Session Progress'],
  },
  {
    title: 'records 486 when the calling phone is busy',
    scenario: 'busy',
    record: ['INVITE 100 Trying', 'INVITE 486 Busy Here'],
  },
  {
    title: 'records 603 when the calling party declines',
    scenario: 'declines',
    record: ['INVITE 100 Trying', 'INVITE 180 Ringing', 'INVITE 603 Decline'],
  },
  {
    title: 'cancels when nobody lifts the calling phone within the timeout',
    scenario: 'no-answer',
    query: 'timeout=1',
    record: ['INVITE 100 Trying', 'INVITE 180 Ringing', 'INVITE 408 Request Timeout', 'INVITE 487 Request Terminated'],
  },
  {
    title: 'acknowledges and ends a call that is answered as it is cancelled',
    scenario: 'answer-crosses-cancel',
    query: 'timeout=1',
    record: ['INVITE 100 Trying', 'INVITE 180 Ringing', 'INVITE 408 Request Timeout', 'INVITE 200 OK'],
  },
  {
    title: 'records 486 and says why in the BYE when the called party is busy',
    scenario: 'called-busy',
    record: [...accepted, 'NOTIFY 100 Trying', 'NOTIFY 486 Busy Here'],
  },
  {
    title: 'records a failure of the called party that comes after its BYE',
    scenario: 'fails-after-bye',
    record: [...rang, 'NOTIFY 486 Busy Here'],
  },
  {
    title: 'gives up when the phone does not know REFER',
    scenario: 'refuses-refer',
    values: { status: '405 Method Not Allowed' },
    record: [...answered, 'REFER 405 Method Not Allowed'],
  },
  {
    title: 'gives up when the phone declines the REFER',
    scenario: 'refuses-refer',
    values: { status: '603 Decline' },
    record: [...answered, 'REFER 603 Decline'],
  },
  {
    title: 'gives up when the phone accepts the REFER and never says how it went',
    scenario: 'never-notifies',
    slow: true,
    record: [...accepted, 'NOTIFY 408 Request Timeout'],
  },
  {
    title: 'gives up when the REFER is not answered',
    scenario: 'ignores-refer',
    slow: true,
    record: [...answered, 'REFER 408 Request Timeout'],
  },
  {
    title: 'records 408 when nothing answers the INVITE',
    scenario: 'never-answers',
    slow: true,
    values: { quietMs: '6000' },
    record: ['INVITE 408 Request Timeout'],
  },
  {
    title: 'releases the second of two phones that answer a forked INVITE',
    scenario: 'forks',
    record: [...accepted, 'INVITE 200 OK', 'NOTIFY 180 Ringing'],
  },
  {
    title: 'answers the challenge of the proxy',
    scenario: 'challenged',
    record: ['INVITE 100 Trying', 'INVITE 407 Proxy Authentication Required', ...rang],
  },
  {
    title: 'ends the call when its credentials are refused',
    scenario: 'refuses-credentials',
    record: ['INVITE 407 Proxy Authentication Required', 'INVITE 407 Proxy Authentication Required'],
  },
  {
    title: 'tries again with the new nonce when the one it used was stale',
    scenario: 'stale-nonce',
    record: ['INVITE 407 Proxy Authentication Required', 'INVITE 407 Proxy Authentication Required', ...rang],
  },
  {
    title: 'answers the proxy and the one behind it when both ask for credentials',
    scenario: 'two-realms',
    record: ['INVITE 407 Proxy Authentication Required', 'INVITE 407 Proxy Authentication Required', ...rang],
  },
  {
    title: 'answers the challenge to its REFER',
    scenario: 'challenged-refer',
    record: [...answered, 'REFER 401 Unauthorized', 'REFER 202 Accepted', 'NOTIFY 180 Ringing'],
  },
  {
    title: 'sends nothing more when the phone hangs up before it answers the REFER',
    scenario: 'hangs-up-before-refer-answered',
    record: [...answered, 'REFER 481 Call/Transaction Does Not Exist'],
  },
  {
    title: 'records what a phone reports that hung up when it accepted the REFER',
    scenario: 'hangs-up-before-notify',
    record: [...rang, 'NOTIFY 200 OK'],
  },
  {
    title: 'passes over a report that is no status line',
    scenario: 'broken-sipfrag',
    values: { sipfrag: 'SIP/2.0 &lt;status&gt;rubbish&lt;/status&gt;' },
    record: rang,
  },
  {
    title: 'goes on when the phone rings without a Contact',
    scenario: 'rings-without-contact',
    record: ['INVITE 180 Ringing', 'INVITE 200 OK', 'REFER 202 Accepted', 'NOTIFY 180 Ringing'],
  },
  {
    title: 'goes on when the phone answers without a Contact',
    scenario: 'answers-without-contact',
    record: rang,
  },
  {
    title: 'answers with SDP when the phone puts the call on hold',
    scenario: 'holds',
    record: rang,
  },
];

describe('A Refer call records how it went and ends as it should', function () {
  this.timeout(30_000);
  let relay: Relay;
  let container: Container;
  let cursor: string;
  let phones = 0;
  const slowRuns = new Map<Outcome, Promise<void>>();

  before(async function () {
    requirePeers(this, 'sipp');
    relay = await startRelay({ absorbsCopies: true });
    container = await startContainer({
      sipRealms: ['branch.example.com'],
      sipProxy: `sip:127.0.0.1:${relay.port};lr`,
      sipT1Ms: 100,
    });
    cursor = await cursorOf(container.url);
    // Calls that wait for 64*T1 run in parallel with the others.
    for (const outcome of outcomes.filter(({ slow }) => slow)) {
      const run = play(outcome);
      run.catch(() => undefined);
      slowRuns.set(outcome, run);
    }
  });

  after(async () => {
    await Promise.allSettled(slowRuns.values());
    await relay?.close();
    await container?.stop();
  });

  async function play({ scenario, values, query, record }: Outcome): Promise<void> {
    const phone = await startSipp({ scenario, values });
    try {
      const user = `phone${++phones}`;
      relay.register(user, phone.port);
      const call = callOf(container, user, 'user2', `agent=user1&resultCacheTime=5&${query ?? ''}`);
      await call.place();
      await call.waitForRecord(record.length);
      const { exitCode, errors, messages } = await phone.finished;
      expect(errors).to.equal('');
      expect(exitCode).to.equal(0);
      expectHonestRequests(messages, '123');
      expect(await call.record()).to.deep.equal(record);
    } finally {
      await phone.stop();
    }
  }

  for (const outcome of outcomes) {
    it(outcome.title, () => slowRuns.get(outcome) ?? play(outcome));
  }

  it('and nothing of any call is left once its record has expired', async () => {
    await Promise.allSettled(slowRuns.values());
    const deadlineMs = Date.now() + 20_000;
    let alive = await aliveIn(container);
    while (alive.length > 0 && Date.now() < deadlineMs) {
      await delay(50);
      alive = await aliveIn(container);
    }
    expect(alive).to.deep.equal([]);
  });

  it('and each call has come to one final state, and told it last', () => expectOneFinalState(container.url, cursor));
});

/** What the diagnostics count of SIP, where it is not zero. */
async function aliveIn(container: Container): Promise<string[]> {
  const counts = Object.entries(await container.sipCounts());
  return counts.filter(([, count]) => count > 0).map(([name, count]) => `${count} ${name}`);
}
