import type { TimerEvent } from './table.js';

/** The events of a client transaction: responses by status, timers, a request that cannot be delivered. */
export type ClientEvent = '1xx' | '2xx' | '300-699' | 'transport error' | TimerEvent;

export const CLIENT_EVENTS = ['1xx', '2xx', '300-699', 'transport error'] as const;

/** `pass`: passes the response to the transaction user. `acknowledge`: sends the ACK of a refusal. */
export type ClientEffect = 'send' | 'acknowledge' | 'pass' | 'tell of timeout' | 'tell of failure';
