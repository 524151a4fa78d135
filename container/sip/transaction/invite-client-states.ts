import { type ClientEffect, type ClientEvent } from './client-events.js';
import { step, type Table, TERMINATED } from './table.js';

export type InviteClientState = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated';

/** The client transaction of an INVITE: RFC 3261 figure 5 with the Accepted state of RFC 6026 section 7.2. */
export const INVITE_CLIENT: Table<InviteClientState, ClientEvent, ClientEffect> = {
  calling: {
    timers: ['A', 'B'],
    on: {
      'timer A': step('calling', 'send'),
      'timer B': step('terminated', 'tell of timeout'),
      '1xx': step('proceeding', 'pass'),
      '2xx': step('accepted', 'pass'),
      '300-699': step('completed', 'acknowledge', 'pass'),
      'transport error': step('terminated', 'tell of failure'),
    },
  },
  proceeding: {
    timers: [],
    on: {
      '1xx': step('proceeding', 'pass'),
      '2xx': step('accepted', 'pass'),
      '300-699': step('completed', 'acknowledge', 'pass'),
      // Not in the figure: the connection for the final response is lost (section 17.1.4).
      'transport error': step('terminated', 'tell of failure'),
    },
  },
  accepted: {
    timers: ['M'],
    on: { '2xx': step('accepted', 'pass'), 'timer M': step('terminated') },
  },
  completed: {
    timers: ['D'],
    on: {
      '300-699': step('completed', 'acknowledge'),
      'timer D': step('terminated'),
      'transport error': step('terminated', 'tell of failure'),
    },
  },
  terminated: TERMINATED,
};
