import type { CallEvent, CallEventType, CallInfo, CallMethod } from '../../../sdk/index.js';
import type { SipMethod } from '../http/call-request.js';
import type { CallRecord } from './call-record.js';

const METHODS: Readonly<Record<SipMethod, CallMethod>> = { Refer: 'refer', Invite: 'invite', Auto: 'auto' };

/** What the view of a call is made of. */
type Recorded = Pick<
  CallRecord,
  | 'id'
  | 'request'
  | 'status'
  | 'isFinal'
  | 'isInPath'
  | 'isReleased'
  | 'isHeld'
  | 'reason'
  | 'createdAtMs'
  | 'callerAnsweredAtMs'
  | 'connectedAtMs'
  | 'endedAtMs'
  | 'legs'
  | 'revision'
>;

/** A record as everybody sees it. @param node of this container */
export function callInfo(record: Recorded, node: string): CallInfo {
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
    legs: record.legs,
    node,
    revision: record.revision,
  };
}

/** What has just happened to a call. Most events are never read: the view is made when somebody does. */
export function callEvent(record: CallRecord, type: CallEventType, node: string): CallEvent {
  const atMs = Date.now();
  const recorded = copyOf(record);
  const { sink } = record.request.more ?? {};
  let call: CallInfo | undefined;
  return {
    type,
    sequence: record.sequence,
    get timestamp() {
      return time(atMs);
    },
    get call() {
      return (call ??= callInfo(recorded, node));
    },
    ...(sink && { sink }),
  };
}

/** The record as it is now. Its legs are replaced by others when they change. */
function copyOf(record: CallRecord): Recorded {
  return {
    id: record.id,
    request: record.request,
    status: record.status,
    isFinal: record.isFinal,
    isInPath: record.isInPath,
    isReleased: record.isReleased,
    isHeld: record.isHeld,
    reason: record.reason,
    createdAtMs: record.createdAtMs,
    callerAnsweredAtMs: record.callerAnsweredAtMs,
    connectedAtMs: record.connectedAtMs,
    endedAtMs: record.endedAtMs,
    legs: record.legs,
    revision: record.revision,
  };
}

export function controlOf({ isFinal, isReleased, isInPath, status }: Recorded): CallInfo['control'] {
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
