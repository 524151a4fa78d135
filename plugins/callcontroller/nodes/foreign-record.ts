import type { CallMethod } from '../../../sdk/index.js';
import type { SipMethod } from '../http/call-request.js';
import { CallRecord, type RecordListener } from '../model/call-record.js';
import type { ForeignCall } from './shared-calls.js';

const METHODS: Readonly<Record<CallMethod, SipMethod>> = { refer: 'Refer', invite: 'Invite', auto: 'Auto' };

/** The record of a call of another node. @param told number of its last event */
export function recordOf({ info, sink }: ForeignCall, told: number, listener: RecordListener): CallRecord {
  const { id, caller, callee, agent, subject, tags, method, connectedAt, endsAt } = info;
  const maxDurationMs = endsAt === undefined ? undefined : Date.parse(endsAt) - Date.parse(connectedAt ?? endsAt);
  const isPlain = tags === undefined && maxDurationMs === undefined && sink === undefined;
  const request = {
    calling: caller,
    called: callee,
    agent,
    sipMethod: METHODS[method],
    subject,
    ...(!isPlain && { more: { tags, maxDurationMs, sink } }),
  };
  const record = new CallRecord(id, Date.parse(info.createdAt), request, listener);
  record.status = info.status;
  record.isFinal = info.isFinal;
  record.isReleased = !info.isFinal && info.control === 'none';
  record.isInPath = info.control === 'full';
  record.isHeld = info.isHeld ?? false;
  record.reason = info.reason;
  record.callerAnsweredAtMs = timeOf(info.callerAnsweredAt);
  record.connectedAtMs = timeOf(connectedAt);
  record.endedAtMs = timeOf(info.endedAt);
  record.legs = info.legs.map((leg) => ({ ...leg }));
  record.revision = info.revision;
  record.sequence = told;
  return record;
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}
