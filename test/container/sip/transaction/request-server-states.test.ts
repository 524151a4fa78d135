import {
  REQUEST_SERVER,
  type RequestServerState,
} from '../../../../container/sip/transaction/request-server-states.js';
import { SERVER_EVENTS, type ServerEvent } from '../../../../container/sip/transaction/server-events.js';
import { type Figure, testTable } from './state-tables.js';

/** RFC 3261 section 17.2.2 and figure 8, with RFC 4320 section 4.1. */
const FIGURE: Figure<RequestServerState, ServerEvent> = {
  trying: {
    // RFC 4320: "MUST respond to a non-INVITE request with a Status-Code of 100 if it has not otherwise responded after the amount of time
    // it takes a client transaction's Timer E to be reset to T2"
    timers: '100',
    on: {
      // "Once in the Trying state, any further request retransmissions are discarded." No entry for 'request again'.
      // RFC 4320: "MUST NOT send any provisional response with a Status-Code other than 100", "MUST NOT respond … with a Status-Code of 100
      // over any unreliable transport … before" that time. No entry for 'send 100' and 'send 101-199'.
      'timer 100': 'proceeding: send 100',
      // Figure: "200-699 from TU", "send response". The text has it for the next state: "If the TU passes a final response (status codes
      // 200-699) to the server while in the "Proceeding" state, the transaction MUST enter the "Completed" state, and the response MUST be
      // passed to the transport layer for transmission."
      'send 2xx': 'completed: send',
      'send 300-699': 'completed: send',
      // RFC 4320 section 4.2: "MUST NOT send a response with Status-Code of 408 to a non-INVITE request. As a consequence, an element that
      // cannot respond before the transaction expires will not send a final response at all."
      'send 408': 'completed',
    },
  },
  proceeding: {
    timers: '',
    on: {
      // "If a retransmission of the request is received while in the Proceeding state, the most recently sent provisional response MUST be
      // passed to the transport layer for retransmission."
      'request again': 'proceeding: repeat',
      'send 2xx': 'completed: send',
      'send 300-699': 'completed: send',
      'send 408': 'completed',
      // Figure: "Transport Err.", "inform TU"
      'transport error': 'terminated: tell of failure',
    },
  },
  completed: {
    // "When the server transaction enters the Completed state, it MUST set Timer J"
    timers: 'J',
    on: {
      // "While in the Completed state, the server transaction MUST pass the final response to the transport layer for retransmission
      // whenever a retransmission of the request is received."
      'request again': 'completed: repeat',
      // "Any other final responses passed by the TU to the server transaction MUST be discarded while in the Completed state." No entry.
      'timer J': 'terminated',
      'transport error': 'terminated: tell of failure',
    },
  },
  terminated: { timers: '', on: {} },
};

describe('The server transaction of a request other than INVITE', () =>
  testTable(REQUEST_SERVER, FIGURE, SERVER_EVENTS));
