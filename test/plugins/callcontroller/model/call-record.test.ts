import { expect } from 'chai';
import fc from 'fast-check';
import { inviteFact } from '../../../../plugins/callcontroller/invite/invite-facts.js';
import * as invite from '../../../../plugins/callcontroller/invite/invite-states.js';
import { CallRecord } from '../../../../plugins/callcontroller/model/call-record.js';
import { refusedBy } from '../../../../plugins/callcontroller/model/reasons.js';
import { referFacts } from '../../../../plugins/callcontroller/refer/refer-facts.js';
import * as refer from '../../../../plugins/callcontroller/refer/refer-states.js';
import { type Cell, transition } from '../../../../plugins/callcontroller/state-machine.js';
import { request } from '../invite/call-request.js';

const LAST = ['call.handed_over', 'call.ended', 'call.lost'];

/** A record, and what its watchers were told. */
class Watched {
  readonly types: string[] = [];
  readonly sequences: number[] = [];
  readonly record = new CallRecord('id', Date.now(), request, {
    onChange: () => undefined,
    onMessage: () => undefined,
    onEvent: ({ sequence }, type) => {
      this.types.push(type);
      this.sequences.push(sequence);
    },
  });

  constructor() {
    this.record.create();
  }

  get lastTypes(): string[] {
    return this.types.filter((type) => LAST.includes(type));
  }
}

/** An event that can happen in this state. */
function possible<Event extends string>(row: Readonly<Record<Event, Cell<string, string>>>, pick: number): Event {
  const events = (Object.keys(row) as Event[]).filter((event) => row[event] !== 'impossible');
  return events[pick % events.length] ?? expect.fail('nothing can happen');
}

/** Expects one last event, and nothing after it. */
function expectOneEnd({ record, types, sequences, lastTypes }: Watched): void {
  expect(record.isFinal).to.equal(true);
  expect(lastTypes).to.have.length(1);
  expect(LAST).to.include(types.at(-1));
  expect(sequences).to.deep.equal(sequences.map((_, index) => index + 1));
}

describe('The record of a call', () => {
  const picks = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 60 });

  it('comes to one final state, however a Refer call goes', () => {
    fc.assert(
      fc.property(picks, (walk) => {
        const watched = new Watched();
        let state: refer.State = 'calling';
        for (const pick of walk) {
          if (state === 'handedOver') break;
          const event: refer.CallEvent = possible(refer.REFER_CALL[state], pick);
          const { to }: { readonly to: refer.State } = transition(refer.REFER_CALL, state, event);
          for (const fact of referFacts(state, event, to)) watched.record.note(fact, refusedBy('caller', refusal));
          state = to;
        }
        if (state !== 'ended') watched.record.note('ended');
        // The record is let go: nobody tells anything any more.
        watched.record.note('handedOver');
        expectOneEnd(watched);
      }),
    );
  });

  it('comes to one final state, however an Invite call goes', () => {
    fc.assert(
      fc.property(picks, (walk) => {
        const watched = new Watched();
        let state: invite.State = 'calling';
        for (const pick of walk) {
          const event: invite.CallEvent = possible(invite.INVITE_CALL[state], pick);
          const { to }: { readonly to: invite.State } = transition(invite.INVITE_CALL, state, event);
          const fact = inviteFact(state, event, to);
          if (fact) watched.record.note(fact);
          if (to === 'ending') expect(watched.record.isFinal).to.equal(true);
          else expect(watched.record.isFinal).to.equal(to === 'ended');
          state = to;
        }
        if (state !== 'ended') watched.record.note('ended');
        expectOneEnd(watched);
      }),
    );
  });

  it('reports a successful Refer call as connected, then handed over', () => {
    const { record, types } = played(
      'placed',
      'callerRinging',
      'callerAnswered',
      'calleeRinging',
      'released',
      'connected',
      'handedOver',
    );
    expect(types.slice(-2)).to.deep.equal(['call.connected', 'call.handed_over']);
    expect(record).to.include({ status: 'connected', isFinal: true });
  });

  it('is handed over if the outcome is unknown', () => {
    const { record } = played('placed', 'callerAnswered', 'calleeRinging', 'released', 'handedOver');
    expect(record).to.include({ status: 'handedOver', isFinal: true });
  });

  it('reports ringing once, and resumed only after held', () => {
    const { types } = played(
      'placed',
      'callerRinging',
      'callerRinging',
      'callerAnswered',
      'connected',
      'resumed',
      'held',
      'resumed',
    );
    expect(types.slice(1)).to.deep.equal([
      'call.caller_ringing',
      'call.caller_answered',
      'call.connected',
      'call.held',
      'call.resumed',
    ]);
  });

  it('has failed when it ends before the two were connected, and is disconnected when it ends afterwards', () => {
    expect(played('placed', 'callerAnswered', 'ended').record.status).to.equal('failed');
    expect(played('placed', 'callerAnswered', 'connected', 'ended').record.status).to.equal('disconnected');
    expect(played('placed', 'callerAnswered', 'connected', 'lost').record.status).to.equal('disconnected');
  });
});

const refusal = { status: 486, reason: 'Busy Here' };

function played(...facts: Parameters<CallRecord['note']>[0][]): Watched {
  const watched = new Watched();
  for (const fact of facts) watched.record.note(fact);
  return watched;
}
