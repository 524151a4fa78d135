import { INVITE_SERVER, type InviteServerState } from '../../../../container/sip/transaction/invite-server-states.js';
import { SERVER_EVENTS, type ServerEvent } from '../../../../container/sip/transaction/server-events.js';
import { type Figure, testTable } from './state-tables.js';

/** RFC 3261 section 17.2.1 and figure 7, with RFC 6026 sections 7.1, 8.7 and 8.8. */
const FIGURE: Figure<InviteServerState, ServerEvent> = {
  proceeding: {
    timers: '',
    on: {
      // "If a request retransmission is received while in the Proceeding state, the most recent provisional response that was received
      // from the TU MUST be passed to the transport layer for retransmission."
      'request again': 'proceeding: repeat',
      // "So long as the server transaction is in the Proceeding state, each of these MUST be passed to the transport layer"
      'send 100': 'proceeding: send',
      'send 101-199': 'proceeding: send',
      // RFC 6026 section 8.5: "MUST pass this response to the transport layer …. The server transaction MUST then transition to the
      // Accepted state."
      'send 2xx': 'accepted: send',
      // "if the TU passes a response with status code from 300 to 699 to the server transaction, the response MUST be passed to the
      // transport layer for transmission, and the state machine MUST enter the Completed state."
      'send 300-699': 'completed: send',
      'send 408': 'completed: send',
      // RFC 6026 section 8.8: "the server transaction SHOULD inform the TU that a failure has occurred, and MUST remain in the current state"
      'transport error': 'proceeding: tell of failure',
    },
  },
  accepted: {
    // RFC 6026: "When the INVITE server transaction enters the Accepted state, Timer L MUST be set"
    timers: 'L',
    on: {
      // RFC 6026: "Any retransmissions of the INVITE received will match this transaction state machine and will be absorbed by the
      // machine without changing its state." No entry for 'request again'.
      // RFC 6026 section 7.1: "Any ACKs received from the network while in the "Accepted" state MUST be passed directly to the TU and not
      // absorbed."
      ACK: 'accepted: pass',
      // RFC 6026: "while in the Accepted state, if the TU passes a 2xx response, the server transaction MUST pass the response to the
      // transport layer for transmission."
      'send 2xx': 'accepted: send',
      'transport error': 'accepted: tell of failure',
      // RFC 6026: "When Timer L fires and the state machine is in the Accepted state, the machine MUST transition to the Terminated state."
      'timer L': 'terminated',
    },
  },
  completed: {
    // "timer G is set to fire in T1 seconds [unreliable] …. When the Completed state is entered, timer H MUST be set"
    timers: 'G H',
    on: {
      // "while in the Completed state, if a request retransmission is received, the server SHOULD pass the response to the transport"
      'request again': 'completed: repeat',
      // "If an ACK is received while the server transaction is in the Completed state, [it] MUST transition to the Confirmed state."
      ACK: 'confirmed',
      // "If timer G fires, the response is passed to the transport layer once more for retransmission"
      'timer G': 'completed: repeat',
      // "If timer H fires while in the Completed state, it implies that the ACK was never received. … MUST transition to the Terminated
      // state, and MUST indicate to the TU that a transaction failure has occurred."
      'timer H': 'terminated: tell of timeout',
      'transport error': 'completed: tell of failure',
    },
  },
  confirmed: {
    // "The purpose of the Confirmed state is to absorb any additional ACK messages that arrive …. timer I is set"
    timers: 'I',
    // "Once timer I fires, the server MUST transition to the Terminated state."
    on: { 'timer I': 'terminated' },
  },
  terminated: { timers: '', on: {} },
};

describe('The server transaction of an INVITE', () => testTable(INVITE_SERVER, FIGURE, SERVER_EVENTS));
