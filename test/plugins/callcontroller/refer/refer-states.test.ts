import { expect } from 'chai';
import {
  type CallEvent,
  type Effect,
  EVENTS,
  REFER_CALL,
  type State,
  STATES,
} from '../../../../plugins/callcontroller/refer/refer-states.js';
import { type Transition, transition } from '../../../../plugins/callcontroller/state-machine.js';

/** Runs events from the beginning; returns the last state and all effects in order. */
function play(...events: CallEvent[]): { state: State; effects: string[] } {
  const effects: string[] = [];
  let state: State = 'calling';
  for (const event of events) {
    const step: Transition<State, Effect> = transition(REFER_CALL, state, event);
    effects.push(...step.effects);
    state = step.to;
  }
  return { state, effects };
}

describe('states of a Refer call', () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const cell = REFER_CALL[state][event];
      if (cell === 'impossible') {
        it(`refuses ${event} while ${state}`, () => {
          expect(() => transition(REFER_CALL, state, event)).to.throw(
            `Event ${event} cannot happen while the call is ${state}`,
          );
        });
      } else if (cell === 'ignored') {
        it(`ignores ${event} while ${state}`, () => {
          expect(transition(REFER_CALL, state, event)).to.deep.equal({ to: state, effects: [] });
        });
      } else {
        it(`goes from ${state} to ${cell.to} on ${event}`, () => {
          expect(transition(REFER_CALL, state, event)).to.deep.equal(cell);
          expect(STATES).to.include(cell.to);
        });
      }
    }
  }

  it('transfers the calling party and leaves when the called party rings', () => {
    const events: CallEvent[] = [
      'calling.answered',
      'refer.accepted',
      'called.trying',
      'called.ringing',
      'bye.answered',
    ];
    expect(play(...events)).to.deep.equal({
      state: 'ended',
      effects: ['stopTimer', 'ack', 'refer', 'startNotifyTimer', 'startNotifyTimer', 'stopTimer', 'bye', 'end'],
    });
  });

  it('gives the reason in the BYE when the called party is busy', () => {
    expect(play('calling.answered', 'refer.accepted', 'called.failed').effects).to.include('byeWithReason');
  });

  it('cancels when nobody answers in time, and releases a 200 that crosses the CANCEL', () => {
    expect(play('timer.ring').effects).to.deep.equal(['recordRingTimeout', 'cancel', 'startCancelTimer']);
    expect(play('timer.ring', 'calling.answered').effects.slice(-2)).to.deep.equal(['ack', 'bye']);
  });

  it('follows a NOTIFY that overtakes the answer to the REFER', () => {
    expect(play('calling.answered', 'called.trying', 'refer.accepted').state).to.equal('following');
    expect(play('calling.answered', 'called.ringing', 'refer.accepted').state).to.equal('releasing');
  });

  it('survives a BYE from the telephone that crosses its own', () => {
    expect(play('calling.answered', 'refer.refused', 'calling.hungUp', 'bye.answered').state).to.equal('ended');
  });

  it('can be abandoned in every state', () => {
    for (const state of STATES) expect(() => transition(REFER_CALL, state, 'abandoned')).not.to.throw();
  });

  it('reaches its end from every state, whatever the telephone does', () => {
    const reachesEnd = (state: State, seen: Set<State>): boolean => {
      if (state === 'ended' || state === 'handedOver') return true;
      if (seen.has(state)) return false;
      seen.add(state);
      const next = EVENTS.map((event) => REFER_CALL[state][event]).filter((cell) => typeof cell !== 'string');
      return next.some((cell) => reachesEnd(cell.to, seen));
    };
    for (const state of STATES) expect(reachesEnd(state, new Set()), state).to.equal(true);
  });
});
