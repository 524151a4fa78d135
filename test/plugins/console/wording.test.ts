import { expect } from 'chai';
import type { Call } from '../../../plugins/console/browser/call.js';
import { durationText, sentenceOf, wordingOf } from '../../../plugins/console/browser/wording.js';

const call: Call = {
  id: '019a0000-0000-7000-8000-000000000000',
  status: 'callingCaller',
  isFinal: false,
  method: 'refer',
  control: 'setup',
  caller: 'sip:user1@example.com',
  callee: 'sip:user2@example.com',
  agent: 'user1@example.com',
  createdAt: '2026-01-01T00:00:00.000Z',
  revision: 1,
};

describe('The words of the console', () => {
  for (const [change, sentence] of [
    [{}, 'User1’s telephone is being called.'],
    [{ status: 'callingCallee' }, 'User1 has picked up, and user2 is being called.'],
    [{ status: 'connected' }, 'User1 and user2 are connected.'],
    [{ status: 'connected', isHeld: true }, 'User1 and user2 are connected, and on hold.'],
    [
      { status: 'failed', isFinal: true, reason: { code: 'calleeBusy', sip: 486, text: 'Busy Here' } },
      'User2’s telephone was busy (SIP 486 Busy Here).',
    ],
    [{ status: 'failed', isFinal: true, reason: { code: 'callerNoAnswer' } }, 'User1 did not pick up.'],
    [{ status: 'handedOver', isFinal: true }, 'User1’s telephone calls user2 by itself, and never told how that went.'],
    [{ status: 'failed', isFinal: true, reason: { code: 'new' } }, 'The call ended for another reason.'],
  ] as const) {
    it(`say: ${sentence}`, () => {
      expect(sentenceOf({ ...call, ...change })).to.equal(sentence);
    });
  }

  it('show a held call as on hold', () => {
    expect(wordingOf({ status: 'connected', isHeld: true }).words).to.equal('on hold');
  });

  it('show how long a call lasts, from seconds to hours', () => {
    expect([0, 42_000, 61_000, 3_723_000].map(durationText)).to.deep.equal(['0:00', '0:42', '1:01', '1:02:03']);
  });
});
