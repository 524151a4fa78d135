import { expect } from 'chai';
import { requirePeers } from '../support/peers/programs.js';
import { InviteRig, type Outcome } from '../support/sipp/invite-rig.js';
import { agrees, headersOf, lifted, offers, over, tagged } from '../support/sipp/invite-scripts.js';
import { callOf } from '../support/sipp/refer-call.js';
import { startSipp } from '../support/sipp/sipp.js';

const autoAnswerHeaders = ['Answer-Mode', 'Call-Info', 'Alert-Info'];

/** The calling phone wants a session timer; the next request in its dialog has to keep to what it says. */
const withTimer = (answer: string, next: string): Outcome => ({
  title: `keeps to the session interval that a phone chooses with ${answer}`,
  phones: {
    calling: [
      'invited',
      `describes header="Session-Expires: ${answer}" ${tagged}`,
      'acknowledged',
      ...agrees(),
      'hangs-up cseq="1"',
    ],
    called: [...offers(), 'ended'],
  },
  record: over,
  check: (traffic) => {
    expect(headersOf(traffic, 'to calling: INVITE', 'Session-Expires')).to.deep.equal(['1800']);
    expect(headersOf(traffic, 'to calling: INVITE 2', 'Session-Expires')).to.deep.equal([next]);
    expect(headersOf(traffic, 'to called: INVITE', 'Session-Expires')).to.deep.equal(['1800']);
  },
});

const byDefault: readonly Outcome[] = [
  withTimer('120;refresher=uas', '120;refresher=uas'),
  withTimer('90;refresher=uac', '90;refresher=uac'),
  withTimer('60', '90;refresher=uac'),
  {
    title: 'takes the longer session interval that a phone insists on',
    phones: {
      calling: [
        'invited',
        `refuses status="422 Session Interval Too Small" header="Min-SE: 3600" ${tagged}`,
        'invited',
        'answer',
        ...agrees(),
        'hangs-up cseq="1"',
      ],
      called: [...offers(), 'ended'],
    },
    record: over,
    check: (traffic) => {
      const intervals = ['to calling: INVITE', 'to calling: INVITE 2', 'to calling: INVITE 3'].map((name) => [
        ...headersOf(traffic, name, 'Session-Expires'),
        ...headersOf(traffic, name, 'Min-SE'),
      ]);
      expect(intervals).to.deep.equal([['1800'], ['3600', '3600'], ['3600', '3600']]);
    },
  },
  {
    title: 'asks the calling phone to pick up by itself in the first INVITE, and in no other',
    query: 'sipMethod=Invite&autoAnswer=True',
    phones: { calling: [...lifted, ...agrees(), 'hangs-up cseq="1"'], called: [...offers(), 'ended'] },
    record: over,
    check: (traffic) => {
      expect(autoAnswerHeaders.map((header) => headersOf(traffic, 'to calling: INVITE', header))).to.deep.equal([
        ['Auto'],
        ['<sip:example.com>;answer-after=0'],
        ['<http://example.com>;info=alert-autoanswer;delay=0'],
      ]);
      for (const name of ['to calling: INVITE 2', 'to called: INVITE'])
        expect(autoAnswerHeaders.map((header) => headersOf(traffic, name, header))).to.deep.equal([[], [], []]);
    },
  },
  ...[
    '400 Bad Request',
    '403 Forbidden',
    '405 Method Not Allowed',
    '420 Bad Extension',
    '480 Temporarily Unavailable',
    '488 Not Acceptable Here',
    '501 Not Implemented',
    '503 Service Unavailable',
    '603 Decline',
  ].map((status): Outcome => ({
    title: `connects a phone that answers REFER with ${status.slice(0, 3)} by flow IV when sipMethod is Auto, without a second ring`,
    query: 'sipMethod=Auto',
    phones: {
      calling: [
        ...lifted,
        'referred called="called[0-9]+"',
        `reply status="${status}"`,
        ...agrees(),
        'hangs-up cseq="1"',
      ],
      called: [...offers(), 'ended'],
    },
    record: over,
    check: ({ messages }) => expect(messages.filter(({ name }) => name === 'calling: 180 INVITE')).to.have.lengthOf(1),
  })),
];

const configured: readonly Outcome[] = [
  {
    title: 'begins without an offer when that is set, and asks for auto-answer as set',
    query: 'sipMethod=Invite&autoAnswer=True',
    phones: {
      calling: [
        'invited-for-offer',
        `describes ${tagged}`,
        'answered port="9" direction="inactive"',
        ...agrees(),
        'hangs-up cseq="1"',
      ],
      called: [...offers(), 'ended'],
    },
    record: over,
    check: (traffic) => {
      const headers = autoAnswerHeaders.map((header) => headersOf(traffic, 'to calling: INVITE', header));
      expect(headers).to.deep.equal([[], ['<sip:example.com>;answer-after=0'], []]);
    },
  },
  {
    title: 'goes on to the other kinds of offer from there',
    phones: {
      calling: [
        'invited-for-offer',
        `refuses status="488 No Offer" ${tagged}`,
        'invited',
        'answer',
        ...agrees(),
        'hangs-up cseq="1"',
      ],
      called: [...offers(), 'ended'],
    },
    record: over,
  },
];

const vanishing: readonly Outcome[] = [
  {
    title: 'ends both legs with 408 when the calling phone has vanished',
    phones: { calling: [...lifted, ...agrees()], called: [...offers(), 'stays-alone'] },
    record: ['calling Terminated 408 Request Timeout', 'called Terminated 200 OK'],
  },
  {
    title: 'ends both legs with 408 when the called phone has vanished',
    phones: { calling: [...lifted, ...agrees(), 'stays-alone'], called: offers() },
    record: ['calling Terminated 200 OK', 'called Terminated 408 Request Timeout'],
  },
];

describe('An Invite call with its settings', function () {
  this.timeout(60_000);
  const suites = [
    { outcomes: byDefault, settings: {}, sipT1Ms: 100 },
    { outcomes: configured, settings: { initialOffer: 'offerless', autoAnswer: ['Call-Info'] }, sipT1Ms: 100 },
    // Each has to wait for 64*T1 twice.
    { outcomes: vanishing, settings: { liveness: 1 }, sipT1Ms: 40 },
  ];
  const rigs: InviteRig[] = [];

  before(async function () {
    requirePeers(this, 'sipp');
    for (const { outcomes, settings, sipT1Ms } of suites) {
      const rig = await InviteRig.open({ sipT1Ms, plugins: { callcontroller: settings } });
      rigs.push(rig);
      rig.startAll(outcomes);
    }
  });

  after(async () => {
    for (const rig of rigs) await rig.close();
  });

  for (const [index, { outcomes }] of suites.entries()) {
    for (const outcome of outcomes) it(outcome.title, () => rigs[index]?.end(outcome));
  }

  it('stays a Refer call when sipMethod is Auto and the phone follows the REFER', async () => {
    const record = await playRefer('follows-refer', 'sipMethod=Auto', 7);
    expect(record.at(-1)).to.equal('NOTIFY 200 OK');
  });

  it('takes a Refer call back on action=Hangup while the calling phone rings', async () => {
    const record = await playRefer('no-answer', '', 2, 'action=Hangup');
    expect(record).to.deep.equal([
      'INVITE 100 Trying',
      'INVITE 180 Ringing',
      'INVITE 487 Request Terminated',
      'INVITE 487 Request Terminated',
    ]);
  });

  /** Plays a Refer call with a phone. @param action what is asked when the record has so many entries */
  async function playRefer(scenario: string, query: string, entries: number, action?: string): Promise<string[]> {
    const [rig] = rigs;
    if (!rig) throw new Error('No container runs');
    const phone = await startSipp({ scenario });
    try {
      const user = scenario.replace('-', '');
      rig.relay.register(user, phone.port);
      const call = callOf(rig.container, user, 'user2', `agent=user1&resultCacheTime=10&${query}`);
      await call.place();
      await call.waitForRecord(entries);
      if (action) await rig.container.post(`/callcontroller/${user}/user2?agent=user1&${action}`);
      const { exitCode, errors } = await phone.finished;
      expect({ exitCode, errors }).to.deep.equal({ exitCode: 0, errors: '' });
      return await call.record();
    } finally {
      await phone.stop();
    }
  }
});
