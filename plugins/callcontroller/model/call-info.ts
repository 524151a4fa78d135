import type { CallEvent, CallEventType, CallInfo, CallMethod } from '../../../sdk/index.js';
import type { SipMethod } from '../http/call-request.js';
import type { CallRecord } from './call-record.js';

const METHODS: Readonly<Record<SipMethod, CallMethod>> = { Refer: 'refer', Invite: 'invite', Auto: 'auto' };

/** A record as everybody sees it. @param node of this container */
export function callInfo(record: CallRecord, node: string): CallInfo {
  const { request, status, isFinal, reason, connectedAtMs } = record;
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
    ...times({ callerAnsweredAt: record.callerAnsweredAtMs, connectedAt: connectedAtMs, endedAt: record.endedAtMs }),
    ...times({ endsAt: endsAtMs }),
    ...(reason && { reason }),
    legs: record.legs.map((leg) => ({ ...leg })),
    node,
    revision: record.revision,
  };
}

/** What has just happened to a call. */
export function callEvent(record: CallRecord, type: CallEventType, node: string): CallEvent {
  const call = callInfo(record, node);
  return { type, timestamp: time(Date.now()), sequence: record.sequence, call };
}

export function controlOf({ isFinal, isReleased, isInPath, status }: CallRecord): CallInfo['control'] {
  if (isFinal || isReleased) return 'none';
  return isInPath && status === 'connected' ? 'full' : 'setup';
}

function times<K extends string>(all: Readonly<Record<K, number | undefined>>): Partial<Record<K, string>> {
  const known = Object.entries<number | undefined>(all).filter(([, ms]) => ms !== undefined);
  return Object.fromEntries(known.map(([name, ms]) => [name, time(ms ?? 0)])) as Partial<Record<K, string>>;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
