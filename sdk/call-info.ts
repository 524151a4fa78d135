import type { CallMethod, CallSink } from './call-order.js';

/** How far a call is, as in CAMARA ClickToDial; `handedOver`: the phones have it, and whether they talk was never told. */
export type CallStatus = (typeof CALL_STATUSES)[number];

/** Every {@link CallStatus}, in the order in which a call that succeeds passes through. */
export const CALL_STATUSES = [
  'initiating',
  'callingCaller',
  'callingCallee',
  'connected',
  'disconnected',
  'failed',
  'handedOver',
] as const;

/** Why a call is over. */
export type ReasonCode = (typeof REASON_CODES)[number];

/** Every {@link ReasonCode}. */
export const REASON_CODES = [
  'hangUp',
  'callerBusy',
  'callerNoAnswer',
  'callerFailure',
  'callerAbandon',
  'calleeBusy',
  'calleeNoAnswer',
  'calleeFailure',
  'cancelled',
  'replaced',
  'maxDuration',
  'shutdown',
  'lost',
  'other',
] as const;

/** Why a call is over, and who has ended it. */
export interface CallReason {
  readonly code: ReasonCode;
  /** SIP status, where one told it. */
  readonly sip?: number;
  readonly text?: string;
  readonly by: 'caller' | 'callee' | 'agent' | 'controller';
}

/** Who is at the other end of a leg; `target`: of a transfer. */
export type LegRole = 'caller' | 'callee' | 'target';

/** A dialog of the controller with one telephone. */
export interface CallLeg {
  readonly role: LegRole;
  readonly sipCallId: string;
  readonly state: 'calling' | 'ringing' | 'answered' | 'ended';
  /** Last SIP status of its INVITE. */
  readonly sipStatus?: number;
}

/** A call as it is at one moment. Times are RFC 3339 in UTC; what is not known is absent. */
export interface CallInfo {
  /** UUIDv7: ids sort by creation. */
  readonly id: string;
  readonly status: CallStatus;
  /** Nothing changes the status any more. */
  readonly isFinal: boolean;
  readonly method: CallMethod;
  /** `full`: can be held, transferred, hung up; `setup`: can be cancelled until the phones have it. */
  readonly control: 'full' | 'setup' | 'none';
  /** Addresses, `user@host`. */
  readonly caller: string;
  readonly callee: string;
  readonly agent: string;
  readonly subject?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** There once the controller joins the two parties. */
  readonly isHeld?: boolean;
  readonly createdAt: string;
  readonly callerAnsweredAt?: string;
  readonly connectedAt?: string;
  readonly endedAt?: string;
  /** When `maxDurationSeconds` is over. */
  readonly endsAt?: string;
  readonly reason?: CallReason;
  readonly legs: readonly CallLeg[];
  /** The container that has the call: host and SIP port. */
  readonly node: string;
  /** Counts the changes of this view. */
  readonly revision: number;
}

/** What can happen in a call. */
export type CallEventType = (typeof CALL_EVENT_TYPES)[number];

/** Every {@link CallEventType}. */
export const CALL_EVENT_TYPES = [
  'call.created',
  'call.caller_ringing',
  'call.caller_answered',
  'call.callee_ringing',
  'call.connected',
  'call.held',
  'call.resumed',
  'call.transferring',
  'call.transferred',
  'call.transfer_failed',
  'call.handed_over',
  'call.ended',
  'call.lost',
] as const;

/** A step in the life of a call. Exactly one of `call.handed_over`, `call.ended` and `call.lost` is its last. */
export interface CallEvent {
  readonly type: CallEventType;
  /** RFC 3339 in UTC. */
  readonly timestamp: string;
  /** 1 for the first event of the call, and one more for each. */
  readonly sequence: number;
  /** Place in the log that all nodes share: later events have greater cursors. Absent if there is only one node. */
  readonly cursor?: string;
  readonly call: CallInfo;
  /** The sink of the order, where it has one: with its secret, so it is not to be shown. */
  readonly sink?: CallSink;
}

/** A SIP message of a call. */
export interface CallMessage {
  /** RFC 3339 in UTC. */
  readonly at: string;
  readonly leg: LegRole;
  readonly direction: 'in' | 'out';
  /** Request line or status line. */
  readonly startLine: string;
  /** For example `1 INVITE`. */
  readonly cseq: string;
  /** The whole message, credentials masked; there at the log level `trace` only. */
  readonly text?: string;
}
