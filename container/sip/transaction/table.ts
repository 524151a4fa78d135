import type { Timer } from './timers.js';

export type TimerEvent = `timer ${Timer}`;

/** The result of a transition. */
export interface Step<State, Effect> {
  readonly to: State;
  /** Performed in this order. */
  readonly effects: readonly Effect[];
}

/** One state of a transaction. */
export interface Row<State, Event extends string, Effect> {
  /** Timers that run in this state. Leaving the state stops those that the next state does not have. */
  readonly timers: readonly Timer[];
  /** Events without an entry change nothing. */
  readonly on: Readonly<Partial<Record<Event, Step<State, Effect>>>>;
}

/** A state machine of RFC 3261 section 17 as data: no I/O, no clock. */
export type Table<State extends string, Event extends string, Effect> = Readonly<
  Record<State, Row<State, Event, Effect>>
>;

/** One of several tables, each with some of the states. */
export type AnyTable<State extends string, Event extends string, Effect> = Readonly<
  Partial<Record<State, Row<State, Event, Effect>>>
>;

/** One step of a transaction; undefined if the event is ignored. */
export function transition<State extends string, Event extends string, Effect>(
  table: AnyTable<State, Event, Effect>,
  state: State,
  event: Event,
): Step<State, Effect> | undefined {
  return table[state]?.on[event];
}

export function step<const State, const Effect = never>(to: State, ...effects: readonly Effect[]): Step<State, Effect> {
  return { to, effects };
}

/** A state without timers and events. */
export const TERMINATED = { timers: [], on: {} } as const;
