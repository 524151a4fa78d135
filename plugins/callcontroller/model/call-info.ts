import type { CallEvent, CallEventType, CallInfo, CallMethod } from '../../../sdk/index.js';
import type { SipMethod } from '../http/call-request.js';
import type { CallRecord } from './call-record.js';

const METHODS: Readonly<Record<SipMethod, CallMethod>> = { Refer: 'refer', Invite: 'invite', Auto: 'auto' };

/** A record as everybody sees it. @param node of this container */
export function callInfo(record: CallRecord, node: string): CallInfo {
  const { request, status, isFinal, reason, callerAnsweredAtMs, connectedAtMs, endedAtMs } = record;
  const { subject, more: { tags, maxDurationMs } = {} } = request;
  const endsAtMs =
    maxDurationMs === undefined || connectedAtMs === undefined ? undefined : connectedAtMs + maxDurationMs;
  return {
    id: record.id,
    status,
    isFinal,
    method: METHODS[request.sipMethod],
    control: controlOf(record),
    caller: request.calling,
    callee: request.called,
    agent: request.agent,
    ...(subject !== undefined && { subject }),
    ...(tags && { tags }),
    ...(record.isInPath && connectedAtMs !== undefined && !isFinal && { isHeld: record.isHeld }),
    createdAt: time(record.createdAtMs),
    ...(callerAnsweredAtMs !== undefined && { callerAnsweredAt: time(callerAnsweredAtMs) }),
    ...(connectedAtMs !== undefined && { connectedAt: time(connectedAtMs) }),
    ...(endedAtMs !== undefined && { endedAt: time(endedAtMs) }),
    ...(endsAtMs !== undefined && { endsAt: time(endsAtMs) }),
    ...(reason && { reason }),
    legs: record.legs,
    node,
    revision: record.revision,
  };
}

/** What has just happened to a call. */
export function callEvent(record: CallRecord, type: CallEventType, node: string): CallEvent {
  const { sink } = record.request.more ?? {};
  const call = callInfo(record, node);
  return { type, sequence: record.sequence, timestamp: time(Date.now()), call, ...(sink && { sink }) };
}

export function controlOf({ isFinal, isReleased, isInPath, status }: CallRecord): CallInfo['control'] {
  if (isFinal || isReleased) return 'none';
  return isInPath && status === 'connected' ? 'full' : 'setup';
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
