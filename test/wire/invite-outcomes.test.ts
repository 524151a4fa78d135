import { expect } from 'chai';
import { describeOutcomes } from '../support/sipp/describe-outcomes.js';
import type { Outcome } from '../support/sipp/invite-rig.js';
import { agrees, expectCarried, lifted, offers, over, rings, tagged } from '../support/sipp/invite-scripts.js';

const outcomes: readonly Outcome[] = [
  {
    title: 'joins the two by flow IV, and ends the other leg when the calling party hangs up',
    phones: { calling: [...lifted, ...agrees(), 'hangs-up cseq="1"'], called: [...offers(), 'ended'] },
    record: over,
    check: (traffic) => {
      expectCarried(traffic, 'called: 200 INVITE', 'to calling: INVITE 2', 2);
      expectCarried(traffic, 'calling: 200 INVITE 2', 'to called: ACK', 1);
    },
  },
  {
    title: 'joins the two with audio and video, and ends the other leg when the called party hangs up',
    phones: {
      calling: [
        ...lifted,
        'reoffered',
        'describes version="2" more="m=video 0 RTP/AVP 96"',
        'acknowledged',
        'asked-to method="BYE" header="Reason" value="^ *SIP ;cause=200 ;text=tired$"',
      ],
      called: [
        ...rings,
        `describes name="bob" port="7080" more="m=video 7082 RTP/AVP 96" ${tagged}`,
        'answered',
        'asks method="BYE" cseq="1" header="Reason: SIP ;cause=200 ;text=tired"',
      ],
    },
    record: over,
    check: (traffic) => {
      expectCarried(traffic, 'called: 200 INVITE', 'to calling: INVITE 2', 2);
      expectCarried(traffic, 'calling: 200 INVITE 2', 'to called: ACK', 1);
    },
  },
  {
    title: 'ends on action=Hangup, and refuses to be placed again before that',
    phones: { calling: [...lifted, ...agrees(), 'ended'], called: [...offers(), 'ended'] },
    during: async (call, traffic) => {
      await traffic.waitFor('to called: ACK');
      expect(await call.refusal('sipMethod=Invite')).to.equal('406 Call in progress');
      await call.post('action=Hangup');
      expect(await call.refusal('action=Hangup')).to.equal('406 Call not found');
    },
    record: over,
  },
  {
    title: "answers the called party's BYE that crosses the calling one's",
    phones: {
      calling: [...lifted, ...agrees(), 'hangs-up cseq="1"'],
      called: [...offers(), 'hangs-up-crossing cseq="1"'],
    },
    orders: [{ hold: 'called: BYE', until: 'to called: BYE' }],
    record: over,
  },
  {
    title: "answers the calling party's BYE that crosses the called one's",
    phones: {
      calling: [...lifted, ...agrees(), 'hangs-up-crossing cseq="1"'],
      called: [...offers(), 'hangs-up cseq="1"'],
    },
    orders: [{ hold: 'calling: BYE', until: 'to calling: BYE' }],
    record: over,
  },
  {
    title: 'tells the calling party that the called one is busy',
    phones: {
      calling: [...lifted, 'given-up cause="486" text="Busy Here"'],
      called: ['called', `refuses status="486 Busy Here" ${tagged}`],
    },
    record: ['calling Terminated 200 OK', 'called Terminated 486 Busy Here'],
  },
  {
    title: 'tells the calling party that the called one declines',
    phones: {
      calling: [...lifted, `given-up cause="603" text="Not 'now'"`],
      called: [...rings, `refuses status="603 Not 'now'" ${tagged}`],
    },
    record: ['calling Terminated 200 OK', "called Terminated 603 Not 'now'"],
  },
  {
    title: 'tells the calling party when no phone of the called one answers',
    phones: { calling: [...lifted, 'given-up cause="408" text="Request Timeout"'] },
    record: ['calling Terminated 200 OK', 'called Terminated 408 Request Timeout'],
  },
  {
    title: 'takes the call back on action=Hangup while the called party rings',
    phones: { calling: [...lifted, 'ended'], called: [...rings, 'call-cancelled', 'terminated'] },
    during: async (call, traffic) => {
      await traffic.waitFor('called: 180 INVITE');
      expect(await call.refusal('action=Transfer&target=user3')).to.equal('406 Call not connected');
      await call.post('action=Hangup');
    },
    record: ['calling Terminated 200 OK', 'called Terminated 487 Request Terminated'],
  },
  {
    title: 'cancels the called party when the calling one hangs up before the answer',
    phones: { calling: [...lifted, 'hangs-up cseq="1"'], called: [...rings, 'call-cancelled', 'terminated'] },
    orders: [{ hold: 'calling: BYE', until: 'called: 180 INVITE' }],
    record: ['calling Terminated 200 OK', 'called Terminated 487 Request Terminated'],
  },
  {
    title: 'answers the offer and releases the called party who answers as the calling one hangs up',
    phones: {
      calling: [...lifted, 'hangs-up cseq="1"'],
      called: [...rings, 'call-cancelled', 'offers-late', 'answered port="9" direction="inactive"', 'ended'],
    },
    orders: [{ hold: 'calling: BYE', until: 'called: 180 INVITE' }],
    record: over,
  },
  {
    title: 'gives up a calling party that does not answer in time',
    phones: { calling: ['invited', 'respond status="180 Ringing"', 'cancelled', 'terminated'] },
    query: 'sipMethod=Invite&timeout=1',
    record: ['calling Terminated 408 Request Timeout'],
  },
  {
    title: 'ends where the calling party declines, and the called one is not rung',
    phones: { calling: ['invited', `refuses status="603 Decline" ${tagged}`] },
    record: ['calling Terminated 603 Decline'],
  },
  ...['488 Not Acceptable Here', '415 Unsupported Media Type', '606 Not Acceptable'].map((status): Outcome => ({
    title: `makes another kind of offer to a phone that refuses the first with ${status.slice(0, 3)}`,
    phones: {
      calling: [
        'invited',
        `refuses status="${status}" ${tagged}`,
        'invited-without-media',
        `refuses status="${status}" ${tagged}`,
        'invited-for-offer',
        `describes ${tagged}`,
        'answered port="9" direction="inactive"',
        ...agrees(),
        'hangs-up cseq="1"',
      ],
      called: [...offers(), 'ended'],
    },
    record: over,
  })),
  {
    title: 'ends when a phone refuses every kind of offer',
    phones: {
      calling: [
        'invited',
        `refuses status="488 Not Acceptable Here" ${tagged}`,
        'invited-without-media',
        `refuses status="488 Not Acceptable Here" ${tagged}`,
        'invited-for-offer',
        `refuses status="488 Not Acceptable Here" ${tagged}`,
      ],
    },
    record: ['calling Terminated 488 Not Acceptable Here'],
  },
  {
    title: 'ends both legs with 488 when the called party answers without an offer',
    phones: {
      calling: [...lifted, 'given-up cause="488" text="Not Acceptable Here"'],
      called: [
        ...rings,
        `respond status="200 OK" ${tagged} retrans="500"`,
        'acknowledged',
        'given-up cause="488" text="Not Acceptable Here"',
      ],
    },
    record: ['calling Terminated 200 OK', 'called Terminated 488 Not Acceptable Here'],
  },
  {
    title: "ends both legs with 488 when the calling party refuses the called one's offer",
    phones: {
      calling: [
        ...lifted,
        'reoffered',
        'refuses status="488 Not Acceptable Here"',
        'given-up cause="488" text="Not Acceptable Here"',
      ],
      called: [...offers('answered port="9" direction="inactive"'), 'given-up cause="488" text="Not Acceptable Here"'],
    },
    record: ['calling Terminated 488 Not Acceptable Here', 'called Terminated 200 OK'],
  },
  {
    title: 'passes over the early media of the called party',
    phones: {
      calling: [...lifted, ...agrees(), 'hangs-up cseq="1"'],
      called: [
        'called',
        `describes status="183 Session Progress" name="bob" port="7080" ${tagged} retrans="0"`,
        `describes name="bob" port="7080" ${tagged}`,
        'answered',
        'ended',
      ],
    },
    record: over,
  },
  {
    title: 'answers the offer of a second phone that answers a forked INVITE, and releases it',
    phones: {
      calling: [...lifted, ...agrees(), 'hangs-up cseq="1"'],
      called: [...offers(), 'offers-late tag="other"', 'answered port="9" direction="inactive"', 'ended', 'ended'],
    },
    orders: [{ hold: 'calling: BYE', until: 'called: 200 BYE' }],
    record: over,
  },
];

describeOutcomes('An Invite call', outcomes);
