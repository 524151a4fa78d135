import { EventLog, type LoggedEvent } from '../../../plugins/api/events/event-log.js';
import type { CallEvent, CallInfo } from '../../../sdk/index.js';

/** An event of a call from Alice to Bob. */
export function newEvent(id: string, sequence: number, type: CallEvent['type'] = 'call.created'): CallEvent {
  const call: CallInfo = {
    id,
    status: 'initiating',
    isFinal: false,
    method: 'refer',
    control: 'setup',
    caller: 'alice@example.com',
    callee: 'bob@example.com',
    agent: 'alice@example.com',
    createdAt: '2026-01-31T12:00:00.000Z',
    legs: [],
    node: '127.0.0.1:5060',
    revision: sequence,
  };
  return { type, timestamp: '2026-01-31T12:00:00.000Z', sequence, call };
}

/** Some events of one call, as a log has them. */
export function loggedEvents(id: string, count: number): LoggedEvent[] {
  const log = new EventLog(10_000);
  return Array.from({ length: count }, (_, index) => log.add(newEvent(id, index + 1)));
}
