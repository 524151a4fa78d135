import type { CallInfo } from '../../../sdk/call-info.js';

/** Outcomes of calls, in the order shown. */
export const OUTCOMES = ['talked', 'handed over', 'not reached', 'failed', 'other'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const NOT_REACHED = new Set([
  'callerBusy',
  'callerNoAnswer',
  'calleeBusy',
  'calleeNoAnswer',
  'callerAbandon',
  'cancelled',
]);

export function outcomeOf({ status, connectedAt, reason }: CallInfo): Outcome {
  if (status === 'handedOver' && connectedAt === undefined) return 'handed over';
  if (connectedAt !== undefined) return 'talked';
  if (reason === undefined) return 'other';
  if (NOT_REACHED.has(reason.code)) return 'not reached';
  return reason.code === 'callerFailure' || reason.code === 'calleeFailure' || reason.code === 'lost'
    ? 'failed'
    : 'other';
}

export function countOutcomes(calls: readonly CallInfo[]): ReadonlyMap<Outcome, number> {
  const counts = new Map<Outcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));
  for (const call of calls) {
    const outcome = outcomeOf(call);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return counts;
}

/** Calls by the minute in which they were placed, as columns that a chart takes. */
export interface Minutes {
  /** Beginnings of the minutes, in seconds since the epoch, without gaps. */
  readonly times: readonly number[];
  readonly counts: readonly number[];
  /** Median time from the POST to the connection, in seconds; null where no call was connected. */
  readonly setUpSeconds: readonly (number | null)[];
}

const MAX_MINUTES = 24 * 60;

export function byMinute(calls: readonly CallInfo[]): Minutes {
  const minutes = new Map<number, CallInfo[]>();
  for (const call of calls) {
    const minute = Math.floor(Date.parse(call.createdAt) / 60_000);
    const others = minutes.get(minute);
    if (others) others.push(call);
    else minutes.set(minute, [call]);
  }
  const numbers = [...minutes.keys()];
  if (numbers.length === 0) return { times: [], counts: [], setUpSeconds: [] };
  const last = Math.max(...numbers);
  // A curve needs two points, so there are at least two minutes.
  const first = Math.max(Math.min(...numbers, last - 1), last - MAX_MINUTES);
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return {
    times: all.map((minute) => minute * 60),
    counts: all.map((minute) => minutes.get(minute)?.length ?? 0),
    setUpSeconds: all.map((minute) => median((minutes.get(minute) ?? []).flatMap(setUpOf))),
  };
}

function setUpOf({ createdAt, connectedAt }: CallInfo): number[] {
  return connectedAt === undefined ? [] : [(Date.parse(connectedAt) - Date.parse(createdAt)) / 1000];
}

function median(values: readonly number[]): number | null {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? null;
}
