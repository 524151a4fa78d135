import type { CallReason, ReasonCode } from '../../../sdk/index.js';

/** Why the controller ended a call that no telephone had ended. */
export type Cause = Extract<ReasonCode, 'hangUp' | 'replaced' | 'maxDuration' | 'shutdown'>;

/** A SIP status line, or its substitute. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

const BUSY: ReadonlySet<number> = new Set([486, 600]);
const REQUEST_TERMINATED = 487;
const NO_ANSWER: ReadonlySet<number> = new Set([408, 480]);

/** Why a call is over that a party's telephone has refused, or nobody answered. */
export function refusedBy(by: 'caller' | 'callee', { status, reason }: Refusal): CallReason {
  // The callee's telephone answers so when the caller's has cancelled its INVITE.
  if (by === 'callee' && status === REQUEST_TERMINATED)
    return { code: 'callerAbandon', sip: status, text: reason, by: 'caller' };
  const what = BUSY.has(status) ? 'Busy' : NO_ANSWER.has(status) ? 'NoAnswer' : 'Failure';
  return { code: `${by}${what}`, sip: status, text: reason, by };
}

/** Why a call is over in which a party's telephone was there, and did not do its part. */
export function failedAt(by: 'caller' | 'callee', { status, reason }: Refusal): CallReason {
  return { code: `${by}Failure`, sip: status, text: reason, by };
}

/** Why a call is over that the controller gave up. */
export function givenUp(cause: Cause, wasConnected: boolean): CallReason {
  if (cause === 'hangUp') return { code: wasConnected ? 'hangUp' : 'cancelled', by: 'agent' };
  return { code: cause, by: cause === 'replaced' ? 'agent' : 'controller' };
}

/** A party hung up: before the connection that is a cancelled call. */
export function hungUpBy(by: 'caller' | 'callee', wasConnected: boolean): CallReason {
  return { code: by === 'caller' && !wasConnected ? 'callerAbandon' : 'hangUp', by };
}
