import { expect } from 'chai';
import type { TimerEvent } from '../../../../container/sip/transaction/table.js';
import { type AnyTable, transition } from '../../../../container/sip/transaction/table.js';

/** What an RFC says of one state: its timers, and for each event `state` or `state: effect, effect`. Others change nothing. */
export type Figure<State extends string, Event extends string> = Readonly<
  Record<State, { readonly timers: string; readonly on: Readonly<Partial<Record<Event | TimerEvent, string>>> }>
>;

const TIMER_EVENTS = 'A B D E F G H I J K L M 100'.split(' ').map((name) => `timer ${name}` as TimerEvent);

/** Tests every state with every event. */
export function testTable<State extends string, Event extends string>(
  table: AnyTable<State, Event | TimerEvent, string>,
  figure: Figure<State, Event>,
  events: readonly Event[],
): void {
  const states = Object.keys(figure) as State[];

  it('has the states of the figure', () => expect(Object.keys(table)).to.have.members(states));

  for (const state of states) {
    it(`runs ${figure[state].timers === '' ? 'no timer' : `the timers ${figure[state].timers}`} while ${state}`, () => {
      expect(table[state]?.timers.join(' ')).to.equal(figure[state].timers);
    });

    for (const event of [...events, ...TIMER_EVENTS]) {
      const expected = figure[state].on[event];
      it(`${expected === undefined ? 'ignores' : `goes to ${expected} on`} ${event} while ${state}`, () => {
        const step = transition(table, state, event);
        const found = step && [step.to, step.effects.join(', ')].filter(Boolean).join(': ');
        expect(found).to.equal(expected);
      });
    }
  }
}
