import { expect } from 'chai';
import { describeOutcomes } from '../support/sipp/describe-outcomes.js';
import type { Outcome } from '../support/sipp/invite-rig.js';
import { agrees, expectCarried, expectPassed, lifted, offers, over } from '../support/sipp/invite-scripts.js';

const calling = [...lifted, ...agrees()];
const bobAnswers = (version: number, values = 'direction="recvonly"'): string[] => [
  'reoffered port="7078" direction="sendonly"',
  `describes name="bob" port="7080" version="${version}" ${values}`,
  'acknowledged',
];

const outcomes: readonly Outcome[] = [
  {
    title: 'carries INFO, MESSAGE, REFER with and without Replaces, NOTIFY and OPTIONS, with bodies and answers',
    phones: {
      calling: [
        ...calling,
        'asks method="INFO" cseq="1" type="application/dtmf-relay" body="Signal=5" header="X-Note: a, b;c" more="Authorization: none" answer="X-Reply" value="thanks"',
        'asked-to method="MESSAGE" body="Grüße" header="X-Tab" value="a.b" status="415 Unsupported Media Type" reply="Accept: text/html"',
        'refers cseq="2" status="202"',
        'asked-to method="NOTIFY" header="Subscription-State" value="active;expires=60" body="SIP/2.0 100 Trying"',
        'refers cseq="3" headers="?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2" status="603"',
        'asks method="OPTIONS" cseq="4" answer="Allow" value="UPDATE"',
        'hangs-up cseq="5"',
      ],
      called: [
        ...offers(),
        'asked-to method="INFO" body="Signal=5" header="X-Note" value="^ *a, b;c$" reply="X-Reply: thanks"',
        'asks method="MESSAGE" cseq="1" header="X-Tab: a	b" body="Grüße" status="415" answer="Accept" value="text/html"',
        'referred-to status="202 Accepted"',
        'asks method="NOTIFY" cseq="2" type="message/sipfrag;version=2.0" body="SIP/2.0 100 Trying" header="Event: refer" more="Subscription-State: active;expires=60"',
        'referred-to headers="[?]Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2" status="603 Decline"',
        'ended',
      ],
    },
    record: over,
    check: (traffic) => {
      for (const method of ['INFO', 'REFER', 'REFER 2', '415 MESSAGE', '200 NOTIFY'])
        expectPassed(traffic, `calling: ${method}`, `to called: ${method}`);
      for (const method of ['MESSAGE', 'NOTIFY', '200 INFO', '202 REFER', '603 REFER'])
        expectPassed(traffic, `called: ${method}`, `to calling: ${method}`);
      expect(traffic.messages.filter(({ name }) => name === 'to called: OPTIONS')).to.deep.equal([]);
    },
  },
  {
    title: "goes on when a phone has forgotten the other one's subscription",
    phones: {
      calling: [...calling, 'asked-to method="NOTIFY" status="481 No Subscription"', 'hangs-up cseq="1"'],
      called: [...offers(), 'asks method="NOTIFY" cseq="1" header="Event: refer" status="481"', 'ended'],
    },
    record: over,
  },
  {
    title: "is held and resumed by a phone's own button, with an offer and without one",
    phones: {
      calling: [
        ...calling,
        'reinvites cseq="1"',
        'accepted cseq="1"',
        'reinvites-for-offer cseq="2"',
        'offered',
        'answers cseq="2"',
        'ended',
      ],
      called: [
        ...offers(),
        ...bobAnswers(2),
        'asked',
        'describes name="bob" port="7080" version="3"',
        'answered',
        'hangs-up cseq="1"',
      ],
    },
    record: over,
    check: (traffic) => {
      expectCarried(traffic, 'calling: INVITE', 'to called: INVITE 2', 2);
      expectCarried(traffic, 'called: 200 INVITE 2', 'to calling: 200 INVITE', 3);
      expectCarried(traffic, 'called: 200 INVITE 3', 'to calling: 200 INVITE 2', 4);
      expectCarried(traffic, 'calling: ACK 2', 'to called: ACK 3', 3);
    },
  },
  {
    title: 'tells a phone that the other one refuses its offer, and keeps to what was agreed',
    phones: {
      calling: [
        ...calling,
        'reinvites cseq="1" port="7999"',
        'refused cseq="1" status="488" header="X-Why" value="video"',
        ...agrees('port="7080" direction="inactive"', 'version="4" direction="inactive"'),
        'ended',
      ],
      called: [
        ...offers(),
        'reoffered port="7999" direction="sendonly"',
        'refuses status="488 Not Acceptable Here" header="X-Why: video"',
        'reoffered port="7078" direction="inactive"',
        'describes name="bob" port="7080" version="2"',
        'acknowledged',
        'ended',
      ],
    },
    during: async (call, traffic) => {
      await traffic.waitFor('calling: ACK');
      await call.post('action=Hold');
      await traffic.waitFor('to called: ACK 3');
      await call.post('action=Hangup');
    },
    record: over,
  },
  {
    title: 'refuses a second re-INVITE while the first is not answered, with Retry-After',
    phones: {
      calling: [
        ...calling,
        'reinvites cseq="1"',
        'response status="100"',
        'reinvites cseq="2" version="4"',
        'refused cseq="2" status="500" header="Retry-After"',
        'accepted cseq="1"',
        'hangs-up cseq="3"',
      ],
      called: [...offers(), ...bobAnswers(2), 'ended'],
    },
    orders: [{ hold: 'called: 200 INVITE 2', until: 'calling: ACK' }],
    record: over,
  },
  {
    title: 'tells both phones 491 when their re-INVITEs cross',
    phones: {
      calling: [...calling, 'reinvites cseq="1"', 'refused cseq="1" status="491"', 'hangs-up cseq="2"'],
      called: [
        ...offers(),
        'reinvites cseq="1" name="bob" port="7080" retrans="0"',
        'reoffered port="7078" direction="sendonly"',
        'refuses status="491 Request Pending"',
        'refused cseq="1" status="491"',
        'ended',
      ],
    },
    orders: [
      { hold: 'called: INVITE', until: 'to called: INVITE 2' },
      { hold: 'to called: 491 INVITE', until: 'to called: ACK 2' },
      { hold: 'calling: BYE', until: 'called: ACK' },
    ],
    record: over,
  },
  {
    title: 'takes a re-INVITE back that a phone cancels',
    phones: {
      calling: [
        ...calling,
        'reinvites cseq="1"',
        'takes-back cseq="1"',
        'response status="200"',
        'refused cseq="1" status="487"',
        'hangs-up cseq="2"',
      ],
      called: [
        ...offers(),
        'reoffered port="7078" direction="sendonly"',
        'respond status="180 Ringing" tag=""',
        'taken-back',
        'terminated',
        'ended',
      ],
    },
    record: over,
  },
  {
    title: 'carries the answer to a re-INVITE that is cancelled too late',
    phones: {
      calling: [
        ...calling,
        'reinvites cseq="1"',
        'takes-back cseq="1"',
        'accepted cseq="1"',
        'response status="200"',
        'hangs-up cseq="2"',
      ],
      called: [
        ...offers(),
        'reoffered port="7078" direction="sendonly"',
        'respond status="180 Ringing" tag=""',
        'describes name="bob" port="7080" version="2" direction="recvonly"',
        'acknowledged',
        'ended',
      ],
    },
    orders: [{ hold: 'calling: CANCEL', until: 'calling: ACK' }],
    record: over,
  },
  {
    title: 'carries UPDATE with an offer and its answer',
    phones: {
      calling: [...calling, 'updates cseq="1"', 'hangs-up cseq="2"'],
      called: [
        ...offers(),
        'updated',
        'describes retrans="0" name="bob" port="7080" version="2" direction="recvonly"',
        'ended',
      ],
    },
    record: over,
    check: (traffic) => {
      expectCarried(traffic, 'calling: UPDATE', 'to called: UPDATE', 2);
      expectCarried(traffic, 'called: 200 UPDATE', 'to calling: 200 UPDATE', 3);
    },
  },
  {
    title: 'lets a phone refresh its session by UPDATE, also when the other phone does not know that',
    phones: {
      calling: [
        ...calling,
        'refreshes cseq="1" expires="120;refresher=uac" value="^ *120;refresher=uac$"',
        'refreshes cseq="2" expires="150" value="^ *150;refresher=uac$"',
        'refreshes cseq="3" expires="30" status="422" header="Min-SE" value="^ *90$"',
        'hangs-up cseq="4"',
      ],
      called: [...offers(), 'refreshed status="200 OK"', 'refreshed status="405 Method Not Allowed"', 'ended'],
    },
    record: over,
  },
  {
    title: 'grants a phone the session timer that its UPDATE and its re-INVITE require',
    phones: {
      calling: [
        ...calling,
        'refreshes cseq="1" timer="Require: timer" expires="120" header="Require" value="^ *timer$"',
        'reinvites cseq="2" header="Require: timer"',
        'accepted cseq="2"',
        'hangs-up cseq="3"',
      ],
      called: [...offers(), 'refreshed status="200 OK"', ...bobAnswers(2), 'ended'],
    },
    record: over,
  },
  {
    title: 'ends both legs when a phone never acknowledges the answer to its re-INVITE',
    phones: {
      calling: [...calling, 'reinvites cseq="1"', 'response status="100"', 'response status="200"', 'ended'],
      called: [...offers(), ...bobAnswers(2), 'given-up cause="408" text="Request Timeout"'],
    },
    record: ['calling Terminated 408 Request Timeout', 'called Terminated 200 OK'],
  },
  {
    title: 'lets the calling phone change its session while the called one rings, and answers nothing else for it',
    phones: {
      calling: [
        ...lifted,
        'asks method="INFO" cseq="1" status="480"',
        'reinvites cseq="2"',
        'accepted cseq="2" port="9" direction="inactive"',
        'refreshes cseq="3" expires="120" value="^ *120;refresher=uac$"',
        ...agrees(),
        'hangs-up cseq="4"',
      ],
      called: [...offers(), 'ended'],
    },
    orders: [{ hold: 'called: 200 INVITE', until: 'to calling: 200 UPDATE' }],
    record: over,
  },
];

describeOutcomes('Inside the dialogs of an Invite call, the controller', outcomes);
