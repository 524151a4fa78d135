import type { CallEventType, CallStatus } from '../../../sdk/index.js';

/** The facts that can become known of a call. */
export const FACTS = [
  /** The first INVITE was handed to the transport. */
  'placed',
  'callerRinging',
  'callerAnswered',
  'calleeRinging',
  /** Both talk, as far as the controller knows. */
  'connected',
  'held',
  'resumed',
  'transferring',
  'transferred',
  'transferFailed',
  /** The caller's phone has the call, and the controller leaves; what the phone reports afterwards still counts. */
  'released',
  /** The phones have the call, and will report nothing more. */
  'handedOver',
  'ended',
  /** Its node is gone. */
  'lost',
] as const;
export type Fact = (typeof FACTS)[number];

interface Step {
  readonly to: CallStatus;
  /** Nothing that becomes known later changes the call. */
  readonly isFinal?: true;
}

type Row = Readonly<Partial<Record<Fact, Step>>>;

const FAILED = { to: 'failed', isFinal: true } as const;
const DISCONNECTED = { to: 'disconnected', isFinal: true } as const;
const stay = (status: CallStatus): Step => ({ to: status });

/** Facts may overtake each other: for a telephone that answers at once, ringing is not reported. */
const CALLED: Row = {
  calleeRinging: stay('callingCallee'),
  connected: stay('connected'),
  released: stay('callingCallee'),
  handedOver: { to: 'handedOver', isFinal: true },
  ended: FAILED,
  lost: FAILED,
};

/** The status of a call, by what becomes known of it. A fact that is not in the row changes nothing and is not reported. */
export const CALL_STATUS: Readonly<Record<CallStatus, Row>> = {
  initiating: {
    placed: stay('callingCaller'),
    callerRinging: stay('callingCaller'),
    callerAnswered: stay('callingCallee'),
    ended: FAILED,
    lost: FAILED,
  },
  callingCaller: {
    callerRinging: stay('callingCaller'),
    callerAnswered: stay('callingCallee'),
    ended: FAILED,
    lost: FAILED,
  },
  callingCallee: CALLED,
  connected: {
    held: stay('connected'),
    resumed: stay('connected'),
    transferring: stay('connected'),
    transferred: stay('connected'),
    transferFailed: stay('connected'),
    handedOver: { to: 'connected', isFinal: true },
    ended: DISCONNECTED,
    lost: DISCONNECTED,
  },
  disconnected: {},
  failed: {},
  handedOver: {},
};

/** What watchers are told. */
export const EVENT_TYPES: Readonly<Partial<Record<Fact, CallEventType>>> = {
  callerRinging: 'call.caller_ringing',
  callerAnswered: 'call.caller_answered',
  calleeRinging: 'call.callee_ringing',
  connected: 'call.connected',
  held: 'call.held',
  resumed: 'call.resumed',
  transferring: 'call.transferring',
  transferred: 'call.transferred',
  transferFailed: 'call.transfer_failed',
  handedOver: 'call.handed_over',
  ended: 'call.ended',
  lost: 'call.lost',
};
