import { type ServerEffect, type ServerEvent } from './server-events.js';
import { step, type Table, TERMINATED } from './table.js';

export type RequestServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';

const ANSWERED = {
  'send 2xx': step('completed', 'send'),
  'send 300-699': step('completed', 'send'),
  'send 408': step('completed'),
} as const;

/**
 * The server transaction of a request other than INVITE: RFC 3261 figure 8 as RFC 4320 changes it. The only provisional response is a
 * 100, and the transaction sends it of its own accord, once the client retransmits at intervals of T2: an earlier 100 would slow its
 * retransmissions down. A 408 is not sent (section 4.2): it would come too late.
 */
export const REQUEST_SERVER: Table<RequestServerState, ServerEvent, ServerEffect> = {
  trying: { timers: ['100'], on: { ...ANSWERED, 'timer 100': step('proceeding', 'send 100') } },
  proceeding: {
    timers: [],
    on: {
      ...ANSWERED,
      'request again': step('proceeding', 'repeat'),
      'transport error': step('terminated', 'tell of failure'),
    },
  },
  completed: {
    timers: ['J'],
    on: {
      'request again': step('completed', 'repeat'),
      'timer J': step('terminated'),
      'transport error': step('terminated', 'tell of failure'),
    },
  },
  terminated: TERMINATED,
};
