import { expect } from 'chai';
import type { CallInfo } from '../../../sdk/index.js';
import { byMinute, countOutcomes } from '../../../plugins/console/browser/history.js';

function ended(createdAt: string, outcome: Partial<CallInfo>): CallInfo {
  return {
    id: createdAt,
    status: 'failed',
    isFinal: true,
    method: 'refer',
    control: 'none',
    caller: 'user1@example.com',
    callee: 'user2@example.com',
    agent: 'user1@example.com',
    createdAt,
    legs: [],
    node: 'a',
    revision: 1,
    ...outcome,
  };
}

describe('The history of calls', () => {
  const calls = [
    ended('2026-01-01T10:00:05.000Z', { status: 'disconnected', connectedAt: '2026-01-01T10:00:09.000Z' }),
    ended('2026-01-01T10:00:30.000Z', { reason: { code: 'calleeBusy', by: 'callee' } }),
    ended('2026-01-01T10:02:00.000Z', { status: 'handedOver', connectedAt: '2026-01-01T10:02:02.000Z' }),
    ended('2026-01-01T10:02:01.000Z', { status: 'handedOver' }),
    ended('2026-01-01T10:02:02.000Z', { reason: { code: 'callerFailure', by: 'caller' } }),
  ];

  it('counts the calls by outcome', () => {
    expect(Object.fromEntries(countOutcomes(calls))).to.deep.equal({
      talked: 2,
      'handed over': 1,
      'not reached': 1,
      failed: 1,
      other: 0,
    });
  });

  it('counts calls a minute without leaving out the minutes in which nobody called', () => {
    expect(byMinute(calls).counts).to.deep.equal([2, 0, 3]);
  });

  it('shows the time until calls were connected, if any was', () => {
    expect(byMinute(calls).setUpSeconds).to.deep.equal([4, null, 2]);
  });
});
