import { CLIENT_EVENTS, type ClientEvent } from '../../../../container/sip/transaction/client-events.js';
import { INVITE_CLIENT, type InviteClientState } from '../../../../container/sip/transaction/invite-client-states.js';
import { type Figure, testTable } from './state-tables.js';

/** RFC 3261 section 17.1.1.2 and figure 5, with RFC 6026 section 7.2 and 8.4. */
const FIGURE: Figure<InviteClientState, ClientEvent> = {
  calling: {
    // "the client transaction MUST start timer A … MUST start timer B"
    timers: 'A B',
    on: {
      // "When timer A fires, the client transaction MUST retransmit the request"
      'timer A': 'calling: send',
      // "If the client transaction is still in the Calling state when timer B fires, [it] SHOULD inform the TU that a timeout has occurred"
      'timer B': 'terminated: tell of timeout',
      // "If [it] receives a provisional response while in the Calling state, it transitions to the Proceeding state. … SHOULD NOT
      // retransmit the request any longer. Furthermore, the provisional response MUST be passed to the TU."
      '1xx': 'proceeding: pass',
      // RFC 6026: "When a 2xx response is received …, the client transaction MUST transition to the Accepted state. … MUST be passed up
      // to the TU. The client transaction MUST NOT generate an ACK"
      '2xx': 'accepted: pass',
      // "reception of a response with status code from 300-699 MUST cause the client transaction to transition to "Completed". … MUST pass
      // the received response up to the TU, and … MUST generate an ACK request"
      '300-699': 'completed: acknowledge, pass',
      // Figure: "Transport Err.", "inform TU"; and section 17.1.4
      'transport error': 'terminated: tell of failure',
    },
  },
  proceeding: {
    timers: '',
    on: {
      // "Any further provisional responses MUST be passed up to the TU while in the Proceeding state."
      '1xx': 'proceeding: pass',
      '2xx': 'accepted: pass',
      '300-699': 'completed: acknowledge, pass',
      // Section 17.1.4: "the client transaction SHOULD inform the TU that a transport failure has occurred, and … transition directly to
      // the Terminated state", here of a connection that was lost
      'transport error': 'terminated: tell of failure',
    },
  },
  accepted: {
    // RFC 6026 section 8.4: "Timer M reflects the amount of time that the transaction user will wait for such messages": copies of the
    // 2xx, and 2xx of other branches
    timers: 'M',
    on: {
      // RFC 6026 section 8.4: "Any 2xx responses that match this client transaction and that are received while in the "Accepted" state
      // MUST be passed up to the TU."
      '2xx': 'accepted: pass',
      'timer M': 'terminated',
    },
  },
  completed: {
    // RFC 6026 section 8.4: "The client transaction MUST start Timer D when it enters the "Completed" state for any reason"
    timers: 'D',
    on: {
      // RFC 6026 section 8.4: "Any retransmissions of a response with status code 300-699 that are received while in the "Completed" state
      // MUST cause the ACK to be re-passed to the transport layer for retransmission, but the newly received response MUST NOT be passed up
      // to the TU."
      '300-699': 'completed: acknowledge',
      // "If timer D fires while [it] is in the Completed state, the client transaction MUST move to the terminated state."
      'timer D': 'terminated',
      // Figure: "Transport Err.", "inform TU"
      'transport error': 'terminated: tell of failure',
    },
  },
  terminated: { timers: '', on: {} },
};

describe('The client transaction of an INVITE', () => testTable(INVITE_CLIENT, FIGURE, CLIENT_EVENTS));
