import type { Timer } from './timers.js';

export type TimerEvent = `timer ${Timer}`;

/** The end of a step. */
export interface Step<State, Effect> {
  readonly to: State;
  /** What is done on the way, in this order. */
  readonly effects: readonly Effect[];
}

/** One state of a transaction. */
export interface Row<State, Event extends string, Effect> {
  /** The timers that run in it. Leaving the state stops those that the next one does not have. */
  readonly timers: readonly Timer[];
  /** Events that are not here change nothing. */
  readonly on: Readonly<Partial<Record<Event, Step<State, Effect>>>>;
}

/** A state machine of RFC 3261 section 17 as data: no I/O, no clock. */
export type Table<State extends string, Event extends string, Effect> = Readonly<
  Record<State, Row<State, Event, Effect>>
>;

/** The same for a reader that does not know which of several tables it is: each has some of the states. */
export type AnyTable<State extends string, Event extends string, Effect> = Readonly<
  Partial<Record<State, Row<State, Event, Effect>>>
>;

/** One step of a transaction; undefined: the event is ignored. */
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

/** Nothing more happens. */
export const TERMINATED = { timers: [], on: {} } as const;
