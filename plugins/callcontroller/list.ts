import { isHttpError } from 'http-errors';
import { CallError, type CallFault, type CallQuery } from '../../sdk/index.js';
import type { Calls } from './calls.js';
import { parseAddressee, quoted } from './http/address.js';
import type { Names } from './http/call-request.js';
import type { CallRecord } from './model/call-record.js';

export const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface RecordPage {
  readonly items: readonly CallRecord[];
  readonly next: string | undefined;
}

/**
 * One page of the calls, newest first. Ids sort by creation, so the last id of a page is the cursor of the next one: no call is
 * skipped or repeated, whatever happens in between.
 * @throws CallError 400
 */
export function listCalls(query: CallQuery, calls: Calls, names: Names): RecordPage {
  const { limit = DEFAULT_LIMIT, cursor } = query;
  const faults: CallFault[] = [];
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    faults.push({ pointer: '/limit', expected: `an integer from 1 to ${MAX_LIMIT}`, found: String(limit) });
  if (cursor !== undefined && !UUID.test(cursor))
    faults.push({ pointer: '/cursor', expected: 'the cursor of a page before', found: JSON.stringify(cursor) });
  const isWanted = filter(query, names, faults);
  if (faults.length > 0) throw new CallError(400, 'bad-request', 'The query is not as it should be', faults);
  const items: CallRecord[] = [];
  for (const { record } of [...calls.all()].toReversed()) {
    if (cursor !== undefined && record.id >= cursor) continue;
    if (!isWanted(record)) continue;
    if (items.length === limit) return { items, next: items.at(-1)?.id };
    items.push(record);
  }
  return { items, next: undefined };
}

/** What a call is chosen by. */
export type Listed = Pick<CallRecord, 'isFinal' | 'status' | 'createdAtMs' | 'request'>;

/** @param faults of the names that cannot be read */
export function filter(query: CallQuery, names: Names, faults: CallFault[]): (record: Listed) => boolean {
  const { state = 'all', status, sinceMs, tags = {} } = query;
  const user = addressOf('/user', query.user, names, faults);
  const agent = addressOf('/agent', query.agent, names, faults);
  const wantedTags = Object.entries(tags);
  return (record) => {
    const { request } = record;
    if (state !== 'all' && record.isFinal !== (state === 'ended')) return false;
    if (status !== undefined && record.status !== status) return false;
    if (sinceMs !== undefined && record.createdAtMs < sinceMs) return false;
    if (agent !== undefined && request.agent !== agent) return false;
    if (user !== undefined && ![request.calling, request.called, request.agent].includes(user)) return false;
    return wantedTags.every(([name, value]) => own(request.more?.tags, name) === value);
  };
}

function own(tags: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return tags && Object.hasOwn(tags, name) ? tags[name] : undefined;
}

function addressOf(
  pointer: string,
  text: string | undefined,
  { accounts, domain }: Names,
  faults: CallFault[],
): string | undefined {
  if (text === undefined) return undefined;
  try {
    return parseAddressee(pointer, text, accounts, domain).address;
  } catch (error) {
    if (!isHttpError(error)) throw error;
    faults.push({ pointer, expected: 'a user name, a telephone number or user@host', found: quoted(text) });
    return undefined;
  }
}
