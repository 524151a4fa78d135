import type { CallEvent, CallEventType, CallInfo, CallMethod } from '../../../sdk/index.js';
import type { SipMethod } from '../http/call-request.js';
import type { CallRecord } from './call-record.js';

const METHODS: Readonly<Record<SipMethod, CallMethod>> = { Refer: 'refer', Invite: 'invite', Auto: 'auto' };

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A record as everybody sees it. What is absent has no key. @param node of this container */
export function callInfo(record: CallRecord, node: string): CallInfo {
  const { request, isFinal, callerAnsweredAtMs, connectedAtMs, endedAtMs } = record;
  // Key by key, since a spread costs more than all the rest, and this runs for each event of each call.
  const info: Writable<CallInfo> = {
    id: record.id,
    status: record.status,
    isFinal,
    method: METHODS[request.sipMethod],
    control: controlOf(record),
    caller: request.calling,
    callee: request.called,
    agent: request.agent,
    createdAt: time(record.createdAtMs),
    legs: record.legs,
    node,
    revision: record.revision,
  };
  const { tags, maxDurationMs } = request.more ?? {};
  if (request.subject !== undefined) info.subject = request.subject;
  if (tags) info.tags = tags;
  if (callerAnsweredAtMs !== undefined) info.callerAnsweredAt = time(callerAnsweredAtMs);
  if (connectedAtMs !== undefined) {
    info.connectedAt = time(connectedAtMs);
    if (record.isInPath && !isFinal) info.isHeld = record.isHeld;
    if (maxDurationMs !== undefined) info.endsAt = time(connectedAtMs + maxDurationMs);
  }
  if (endedAtMs !== undefined) info.endedAt = time(endedAtMs);
  if (record.reason) info.reason = record.reason;
  return info;
}

/** The event that has just happened to a call. */
export function callEvent(record: CallRecord, type: CallEventType, node: string): CallEvent {
  const call = callInfo(record, node);
  const event: Writable<CallEvent> = { type, sequence: record.sequence, timestamp: time(Date.now()), call };
  const sink = record.request.more?.sink;
  if (sink) event.sink = sink;
  return event;
}

export function controlOf({ isFinal, isReleased, isInPath, status }: CallRecord): CallInfo['control'] {
  if (isFinal || isReleased) return 'none';
  return isInPath && status === 'connected' ? 'full' : 'setup';
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
