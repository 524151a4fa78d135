import { expect } from 'chai';
import type { CallInfo, CallLeg } from '../../../sdk/index.js';
import { durationText, sentenceOf, wordingOf } from '../../../plugins/console/browser/wording.js';

function leg(role: CallLeg['role'], state: CallLeg['state']): CallLeg {
  return { role, state, sipCallId: `${role} ${state}` };
}

const call: CallInfo = {
  id: '019a0000-0000-7000-8000-000000000000',
  status: 'callingCaller',
  isFinal: false,
  method: 'refer',
  control: 'setup',
  caller: 'sip:user1@example.com',
  callee: 'sip:user2@example.com',
  agent: 'user1@example.com',
  createdAt: '2026-01-01T00:00:00.000Z',
  legs: [],
  node: 'a',
  revision: 1,
};

describe('The words of the console', () => {
  for (const [change, sentence] of [
    [{}, 'User1’s telephone is being called.'],
    [{ status: 'callingCallee' }, 'User1 has picked up, and user2 is being called.'],
    [{ status: 'connected' }, 'User1 and user2 are connected.'],
    [
      { status: 'connected', legs: [leg('caller', 'ended'), leg('callee', 'answered'), leg('caller', 'answered')] },
      'User1 has left after a transfer, and its target talks to user2.',
    ],
    [{ status: 'connected', isHeld: true }, 'User1 and user2 are connected, and on hold.'],
    [
      { status: 'failed', isFinal: true, reason: { code: 'calleeBusy', sip: 486, text: 'Busy Here', by: 'callee' } },
      'User2’s telephone was busy (SIP 486 Busy Here).',
    ],
    [{ status: 'failed', isFinal: true, reason: { code: 'callerNoAnswer', by: 'caller' } }, 'User1 did not pick up.'],
    [
      { status: 'connected', isFinal: true, connectedAt: '2026-01-01T00:00:05.000Z' },
      'User1 and user2 were connected, and go on by themselves.',
    ],
    [{ status: 'handedOver', isFinal: true }, 'User1’s telephone calls user2 by itself, and never told how that went.'],
    [{ status: 'failed', isFinal: true, reason: { code: 'other', by: 'agent' } }, 'The call ended for another reason.'],
  ] as const) {
    it(`say: ${sentence}`, () => {
      expect(sentenceOf({ ...call, ...change })).to.equal(sentence);
    });
  }

  it('show a held call as on hold', () => {
    expect(wordingOf({ status: 'connected', isHeld: true }).words).to.equal('on hold');
  });

  it('show a connected call that the phones have by themselves as handed over', () => {
    expect(wordingOf({ status: 'connected', isFinal: true }).words).to.equal('handed over');
  });

  it('show how long a call lasts, from seconds to hours', () => {
    expect([0, 42_000, 61_000, 3_723_000].map(durationText)).to.deep.equal(['0:00', '0:42', '1:01', '1:02:03']);
  });
});
