import { expect } from 'chai';
import {
  type CallEvent,
  type Effect,
  EVENTS,
  INVITE_CALL,
  type State,
  STATES,
} from '../../../../plugins/callcontroller/invite/invite-states.js';
import { type Transition, transition } from '../../../../plugins/callcontroller/state-machine.js';

/** Runs events from the beginning; returns the last state and all effects in order. */
function play(...events: CallEvent[]): { state: State; effects: string[] } {
  const effects: string[] = [];
  let state: State = 'calling';
  for (const event of events) {
    const step: Transition<State, Effect> = transition(INVITE_CALL, state, event);
    effects.push(...step.effects);
    state = step.to;
  }
  return { state, effects };
}

const CONNECT: CallEvent[] = ['calling.answered', 'called.offered', 'calling.agreed'];

describe('states of an Invite call', () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const cell = INVITE_CALL[state][event];
      if (cell === 'impossible') {
        it(`refuses ${event} while ${state}`, () => {
          const text = `Event ${event} cannot happen while the call is ${state}`;
          expect(() => transition(INVITE_CALL, state, event)).to.throw(text);
        });
      } else if (cell === 'ignored') {
        it(`ignores ${event} while ${state}`, () => {
          expect(transition(INVITE_CALL, state, event)).to.deep.equal({ to: state, effects: [] });
        });
      } else {
        it(`goes from ${state} to ${cell.to} on ${event}`, () => {
          expect(transition(INVITE_CALL, state, event)).to.deep.equal(cell);
          expect(STATES).to.include(cell.to);
        });
      }
    }
  }

  it('connects two telephones by flow IV of RFC 3725', () => {
    expect(play(...CONNECT)).to.deep.equal({
      state: 'connected',
      effects: [
        'stopTimer',
        'ackCalling',
        'inviteCalled',
        'startRingTimer',
        'stopTimer',
        'carryOfferToCalling',
        'carryAnswerToCalled',
      ],
    });
  });

  it('gives the calling party the reason when the called party is busy', () => {
    expect(play('calling.answered', 'called.failed').effects.slice(-2)).to.deep.equal(['stopTimer', 'dismissAll']);
  });

  it('releases the calling party only when the target of a transfer is connected', () => {
    const before = play(...CONNECT, 'command.transfer', 'target.answered', 'called.offered').effects;
    expect(before).not.to.include('promoteTarget');
    expect(play(...CONNECT, 'command.transfer', 'target.answered', 'called.offered', 'target.agreed')).to.deep.include({
      state: 'connected',
      effects: [...before, 'promoteTarget', 'carryAnswerToCalled', 'dismissReplaced'],
    });
  });

  it('leaves the call as it was when the target is busy', () => {
    const { state, effects } = play(...CONNECT, 'command.transfer', 'target.failed');
    expect(state).to.equal('connected');
    expect(effects.slice(-3)).to.deep.equal(['startRingTimer', 'stopTimer', 'checkCalling']);
  });

  it('joins the two again when the target refuses the offer that was made for it', () => {
    const events: CallEvent[] = ['command.transfer', 'target.answered', 'called.offered', 'target.refused'];
    const rejoin: CallEvent[] = ['called.offered', 'calling.agreed'];
    expect(play(...CONNECT, ...events, ...rejoin).state).to.equal('connected');
  });

  it('can be held, resumed and transferred again and again', () => {
    const hold: CallEvent[] = ['command.hold', 'calling.agreed', 'called.agreed'];
    const resume: CallEvent[] = ['command.resume', 'called.offered', 'calling.agreed'];
    const transfer: CallEvent[] = ['command.transfer', 'target.answered', 'called.offered', 'target.agreed'];
    expect(play(...CONNECT, ...hold, ...resume, ...transfer, ...hold, ...transfer).state).to.equal('connected');
  });

  it('can be hung up in every state', () => {
    for (const state of STATES) expect(() => transition(INVITE_CALL, state, 'command.hangup')).not.to.throw();
  });

  it('ends both legs whichever hangs up, in every state in which both are there', () => {
    for (const state of ['connecting', 'connected', 'holding', 'holdingCalled', 'resuming', 'reconnecting'] as const) {
      for (const event of ['calling.hungUp', 'called.hungUp'] as const) {
        expect(transition(INVITE_CALL, state, event)).to.deep.equal({
          to: 'ending',
          effects: ['stopTimer', 'dismissAll'],
        });
      }
    }
  });
});
