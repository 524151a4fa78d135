import { type ServerEffect, type ServerEvent } from './server-events.js';
import { step, type Table, TERMINATED } from './table.js';

export type InviteServerState = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';

/** The server transaction of an INVITE: RFC 3261 figure 7 with the Accepted state of RFC 6026 section 7.1. */
export const INVITE_SERVER: Table<InviteServerState, ServerEvent, ServerEffect> = {
  proceeding: {
    timers: [],
    on: {
      'request again': step('proceeding', 'repeat'),
      'send 100': step('proceeding', 'send'),
      'send 101-199': step('proceeding', 'send'),
      'send 2xx': step('accepted', 'send'),
      'send 300-699': step('completed', 'send'),
      'send 408': step('completed', 'send'),
      'transport error': step('proceeding', 'tell of failure'),
    },
  },
  accepted: {
    timers: ['L'],
    on: {
      ACK: step('accepted', 'pass'),
      'send 2xx': step('accepted', 'send'),
      'transport error': step('accepted', 'tell of failure'),
      'timer L': step('terminated'),
    },
  },
  completed: {
    timers: ['G', 'H'],
    on: {
      'request again': step('completed', 'repeat'),
      ACK: step('confirmed'),
      'timer G': step('completed', 'repeat'),
      'timer H': step('terminated', 'tell of timeout'),
      'transport error': step('completed', 'tell of failure'),
    },
  },
  confirmed: { timers: ['I'], on: { 'timer I': step('terminated') } },
  terminated: TERMINATED,
};
