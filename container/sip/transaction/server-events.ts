import type { TimerEvent } from './table.js';

/** The events of a server transaction: received requests, responses of its user, timers, a response that cannot be delivered. */
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
 * `send`: sends the user's response. `repeat`: sends the last response again, if there is one. `send 100`: sends a 100 made by the
 * transaction. `pass`: passes the ACK to the user.
 */
export type ServerEffect = 'send' | 'repeat' | 'send 100' | 'pass' | 'tell of timeout' | 'tell of failure';
