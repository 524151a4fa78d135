import { expect } from 'chai';
import { describeOutcomes } from '../support/sipp/describe-outcomes.js';
import type { InviteCall } from '../support/sipp/invite-call.js';
import type { Outcome, Role } from '../support/sipp/invite-rig.js';
import { agrees, expectCarried, lifted, offers, originsTo, over, tagged } from '../support/sipp/invite-scripts.js';
import type { Traffic } from '../support/sipp/traffic.js';

const hold = agrees('port="7080" direction="inactive"', 'version="3" direction="inactive"');
const held = [
  'reoffered port="7078" direction="inactive"',
  'describes name="bob" port="7080" version="2"',
  'acknowledged',
];
/** The called phone is asked for an offer, and gets this answer to it. */
const offersAgain = (answered: string, version = 2): string[] => [
  'asked',
  `describes name="bob" port="7080" version="${version}"`,
  answered,
];
/** A transfer's target is lifted and takes the called party's offer; it listens at another port. */
const joins = (port: number): string[] => [
  'targeted',
  `describes name="carol" port="${port}" direction="inactive" ${tagged}`,
  'acknowledged',
  ...agrees('', `name="carol" port="${port}" version="2"`),
];

const transferTo = (target: Role, acks: number) => {
  return async (call: InviteCall, traffic: Traffic, user: (role: Role) => string): Promise<void> => {
    await traffic.waitFor(acks > 1 ? `to called: ACK ${acks}` : 'to called: ACK');
    await call.post(`action=Transfer&target=${user(target)}`);
  };
};

const outcomes: readonly Outcome[] = [
  {
    title: 'is held, resumed and hung up, with one session id and versions that rise by one on each leg',
    phones: {
      calling: [...lifted, ...agrees(), ...hold, ...agrees('', 'version="4"'), 'ended'],
      called: [...offers(), ...held, ...offersAgain('answered', 3), 'ended'],
    },
    during: async (call, traffic) => {
      await traffic.waitFor('to called: ACK');
      await call.post('action=Hold');
      await traffic.waitFor('to called: ACK 2');
      await call.post('action=Resume');
      await traffic.waitFor('to called: ACK 3');
      await call.post('action=Hangup');
    },
    record: over,
    check: (traffic) => {
      for (const [phone, versions] of [
        ['calling', ['1', '2', '3', '4']],
        ['called', ['1', '2', '3']],
      ] as const) {
        const origins = originsTo(traffic, phone);
        expect(origins.map(([, version]) => version)).to.deep.equal(versions);
        expect(new Set(origins.map(([id]) => id))).to.have.lengthOf(1);
      }
    },
  },
  {
    title: 'tries the offer for the calling party again after its 491',
    phones: {
      calling: [...lifted, 'reoffered', 'refuses status="491 Request Pending"', ...agrees(), 'hangs-up cseq="1"'],
      called: [...offers(), 'ended'],
    },
    record: over,
    check: (traffic) => expectPause(traffic, 'calling: 491 INVITE', 'to calling: INVITE 3', 2_100, 4_000),
  },
  {
    title: 'asks the called party again after its 491',
    phones: {
      calling: [...lifted, ...agrees(), ...agrees('', 'version="3"'), 'ended'],
      called: [...offers(), 'asked', 'refuses status="491 Request Pending"', ...offersAgain('answered'), 'ended'],
    },
    during: async (call, traffic) => {
      await traffic.waitFor('to called: ACK');
      await call.post('action=Resume');
      await traffic.waitFor('to called: ACK 3');
      await call.post('action=Hangup');
    },
    record: over,
    check: (traffic) => expectPause(traffic, 'called: 491 INVITE', 'to called: INVITE 3', 2_100, 4_000),
  },
  {
    title: 'tries again when a phone that is not ready says',
    phones: {
      calling: [
        ...lifted,
        'reoffered',
        'refuses status="500 Not Yet" header="Retry-After: 1"',
        ...agrees(),
        'hangs-up cseq="1"',
      ],
      called: [...offers(), 'ended'],
    },
    record: over,
    check: (traffic) => expectPause(traffic, 'calling: 500 INVITE', 'to calling: INVITE 3', 1_000, 1_500),
  },
  {
    title: 'is transferred: the target is joined with the called party, and only then the calling one released',
    phones: {
      calling: [...lifted, ...agrees(), 'ended'],
      called: [...offers(), ...offersAgain('answered port="7090"'), 'ended'],
      target: [...joins(7090), 'ended'],
    },
    during: async (call, traffic, user) => {
      await transferTo('target', 1)(call, traffic, user);
      await traffic.waitFor('calling: 200 BYE');
      const shown = await call.dialogs();
      expect((await call.as(user('target')).dialogs()).slice(0, 2), 'under the new key').to.deep.equal(
        shown.slice(0, 2),
      );
      expect(shown.slice(0, 2).map(({ remoteParty }) => remoteParty)).to.deep.equal([
        `sip:${user('target')}@example.com`,
        `sip:${user('called')}@example.com`,
      ]);
      await call.as(user('target')).post('action=Hangup');
    },
    record: ['target Terminated 200 OK', 'called Terminated 200 OK', 'calling Terminated 200 OK'],
    check: (traffic) => {
      expectCarried(traffic, 'called: 200 INVITE 2', 'to target: INVITE 2', 2);
      expectCarried(traffic, 'target: 200 INVITE 2', 'to called: ACK 2', 2);
      const names = traffic.messages.map(({ name }) => name);
      expect(names.indexOf('to calling: BYE')).to.be.above(names.indexOf('to called: ACK 2'));
    },
  },
  {
    title: 'is transferred twice',
    phones: {
      calling: [...lifted, ...agrees(), 'ended'],
      called: [
        ...offers(),
        ...offersAgain('answered port="7090"'),
        ...offersAgain('answered port="7092"', 3),
        'hangs-up cseq="1"',
      ],
      target: [...joins(7090), 'ended'],
      second: [...joins(7092), 'ended'],
    },
    during: async (call, traffic, user) => {
      await transferTo('target', 1)(call, traffic, user);
      await transferTo('second', 2)(call.as(user('target')), traffic, user);
    },
    record: [
      'second Terminated 200 OK',
      'called Terminated 200 OK',
      'calling Terminated 200 OK',
      'target Terminated 200 OK',
    ],
  },
  {
    title: 'stays as it was when the target of a transfer is busy',
    phones: {
      calling: [...lifted, ...agrees(), 'ended'],
      called: [...offers(), 'ended'],
      target: ['targeted', `refuses status="486 Busy Here" ${tagged}`],
    },
    during: async (call, traffic, user) => {
      await transferTo('target', 1)(call, traffic, user);
      await traffic.waitFor('target: 486 INVITE');
      const states = ['calling Confirmed 200 OK', 'called Confirmed 200 OK', 'target Terminated 486 Busy Here'];
      await call.waitForRecord((record) => String(record.map(withoutNumber)) === String(states), String(states));
      await call.post('action=Hangup');
    },
    record: [...over, 'target Terminated 486 Busy Here'],
  },
  {
    title: 'is joined again when the target of a transfer hangs up in the middle of it',
    phones: {
      calling: [...lifted, ...agrees(), ...agrees('', 'version="3"'), 'hangs-up cseq="1"'],
      called: [...offers(), ...offersAgain('answered'), 'ended'],
      target: [
        'targeted',
        `describes name="carol" port="7090" direction="inactive" ${tagged}`,
        'acknowledged',
        'hangs-up cseq="1"',
      ],
    },
    orders: [{ hold: 'called: 200 INVITE 2', until: 'target: BYE' }],
    during: transferTo('target', 1),
    record: [...over, 'target Terminated 200 OK'],
  },
  {
    title: 'ends when the calling party has left before the target of a transfer declines',
    phones: {
      calling: [...lifted, ...agrees(), 'hangs-up cseq="1"'],
      called: [...offers(), 'ended'],
      target: ['targeted', 'respond status="180 Ringing"', `refuses status="603 Decline" ${tagged}`],
    },
    orders: [
      { hold: 'calling: BYE', until: 'target: 180 INVITE' },
      { hold: 'target: 603 INVITE', until: 'to calling: 200 BYE' },
    ],
    during: transferTo('target', 1),
    record: [...over, 'target Terminated 603 Decline'],
  },
  {
    title: 'is transferred while it is held',
    phones: {
      calling: [...lifted, ...agrees(), ...hold, 'ended'],
      called: [...offers(), ...held, ...offersAgain('answered port="7090"', 3), 'hangs-up cseq="1"'],
      target: [...joins(7090), 'ended'],
    },
    during: async (call, traffic, user) => {
      await traffic.waitFor('to called: ACK');
      await call.post('action=Hold');
      await transferTo('target', 2)(call, traffic, user);
    },
    record: ['target Terminated 200 OK', 'called Terminated 200 OK', 'calling Terminated 200 OK'],
  },
  {
    title: "is transferred in the middle of the calling phone's re-INVITE",
    phones: {
      calling: [...lifted, ...agrees(), 'reinvites cseq="1"', 'accepted cseq="1"', 'ended'],
      called: [
        ...offers(),
        'reoffered port="7078" direction="sendonly"',
        'describes name="bob" port="7080" version="2" direction="recvonly"',
        'acknowledged',
        ...offersAgain('answered port="7090"', 3),
        'hangs-up cseq="1"',
      ],
      target: [...joins(7090), 'ended'],
    },
    orders: [{ hold: 'called: 200 INVITE 2', until: 'target: 200 INVITE' }],
    during: async (call, traffic, user) => {
      await traffic.waitFor('to called: INVITE 2');
      await transferTo('target', 1)(call, traffic, user);
    },
    record: ['target Terminated 200 OK', 'called Terminated 200 OK', 'calling Terminated 200 OK'],
  },
];

function withoutNumber(line: string): string {
  return line.replace(/^([a-z]+)\d+ /, '$1 ');
}

function expectPause(traffic: Traffic, from: string, to: string, leastMs: number, mostMs: number): void {
  const atMs = (name: string): number => traffic.messages.find((message) => message.name === name)?.atMs ?? NaN;
  // This machine may be busy.
  expect(atMs(to) - atMs(from)).to.be.within(leastMs - 10, mostMs + 500);
}

describeOutcomes('A connected Invite call', outcomes);
