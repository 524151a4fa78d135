import { type ClientEffect, type ClientEvent } from './client-events.js';
import { step, type Table, TERMINATED } from './table.js';

export type RequestClientState = 'trying' | 'proceeding' | 'completed' | 'terminated';

const END = {
  '2xx': step('completed', 'pass'),
  '300-699': step('completed', 'pass'),
  'timer F': step('terminated', 'tell of timeout'),
  'transport error': step('terminated', 'tell of failure'),
} as const;

/** The client transaction of a request other than INVITE: RFC 3261 figure 6. */
export const REQUEST_CLIENT: Table<RequestClientState, ClientEvent, ClientEffect> = {
  trying: {
    timers: ['E', 'F'],
    on: { 'timer E': step('trying', 'send'), '1xx': step('proceeding', 'pass'), ...END },
  },
  proceeding: {
    timers: ['E', 'F'],
    on: { 'timer E': step('proceeding', 'send'), '1xx': step('proceeding', 'pass'), ...END },
  },
  completed: { timers: ['K'], on: { 'timer K': step('terminated') } },
  terminated: TERMINATED,
};
