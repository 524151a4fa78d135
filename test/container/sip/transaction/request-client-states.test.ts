import { CLIENT_EVENTS, type ClientEvent } from '../../../../container/sip/transaction/client-events.js';
import {
  REQUEST_CLIENT,
  type RequestClientState,
} from '../../../../container/sip/transaction/request-client-states.js';
import { type Figure, testTable } from './state-tables.js';

/** RFC 3261 section 17.1.2.2 and figure 6. */
const FIGURE: Figure<RequestClientState, ClientEvent> = {
  trying: {
    // "When entering this state, the client transaction SHOULD set timer F … Timer E"
    timers: 'E F',
    on: {
      // "If timer E fires while still in this state, the timer is reset, but this time with a value of MIN(2*T1, T2)." Figure: "Timer E",
      // "send request"
      'timer E': 'trying: send',
      // "If Timer F fires while the client transaction is still in the Trying state, [it] SHOULD inform the TU about the timeout, and
      // then it SHOULD enter the Terminated state."
      'timer F': 'terminated: tell of timeout',
      // "If a provisional response is received while in the Trying state, the response MUST be passed to the TU, and then the client
      // transaction SHOULD move to the Proceeding state."
      '1xx': 'proceeding: pass',
      // "If a final response (status codes 200-699) is received while in the Trying state, the response MUST be passed to the TU, and …
      // MUST transition to the Completed state."
      '2xx': 'completed: pass',
      '300-699': 'completed: pass',
      // Figure: "Transport Err.", "inform TU"
      'transport error': 'terminated: tell of failure',
    },
  },
  proceeding: {
    timers: 'E F',
    on: {
      // "If Timer E fires while in the Proceeding state, the request MUST be passed to the transport layer for retransmission"
      'timer E': 'proceeding: send',
      // "If timer F fires while in the Proceeding state, the TU MUST be informed of a timeout, and … MUST transition to the terminated state."
      'timer F': 'terminated: tell of timeout',
      // Figure: "1xx send resp to TU"
      '1xx': 'proceeding: pass',
      // "If a final response (status codes 200-699) is received while in the Proceeding state, the response MUST be passed to the TU, and …
      // MUST transition to the Completed state."
      '2xx': 'completed: pass',
      '300-699': 'completed: pass',
      'transport error': 'terminated: tell of failure',
    },
  },
  completed: {
    // "Once the client transaction enters the Completed state, it MUST set Timer K"; it absorbs copies of the response meanwhile
    timers: 'K',
    // "If Timer K fires while in this state, the client transaction MUST transition to the Terminated state."
    on: { 'timer K': 'terminated' },
  },
  terminated: { timers: '', on: {} },
};

describe('The client transaction of a request other than INVITE', () =>
  testTable(REQUEST_CLIENT, FIGURE, CLIENT_EVENTS));
