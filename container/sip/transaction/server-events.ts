import type { TimerEvent } from './table.js';

/** What may happen to a server transaction: requests that come, responses of its user, timers, a response that cannot be delivered. */
export type ServerEvent =
  | 'request again'
  | 'ACK'
  | 'send 100'
  | 'send 101-199'
  | 'send 2xx'
  | 'send 300-699'
  | 'send 408'
  | 'transport error'
  | TimerEvent;

export const SERVER_EVENTS = [
  'request again',
  'ACK',
  'send 100',
  'send 101-199',
  'send 2xx',
  'send 300-699',
  'send 408',
  'transport error',
] as const;

/**
 * `send`: the response that the user gave. `repeat`: the last response, if there is one. `send 100`: one that the transaction makes.
 * `pass`: shows the ACK to the user.
 */
export type ServerEffect = 'send' | 'repeat' | 'send 100' | 'pass' | 'tell of timeout' | 'tell of failure';
