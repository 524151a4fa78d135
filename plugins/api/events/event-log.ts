import { randomBytes } from 'node:crypto';
import type { CallEvent } from '../../../sdk/index.js';

const MAX_AGE_MS = 3_600_000;

/** An event with its place in the log. */
export class LoggedEvent {
  #json: string | undefined;

  /**
   * @param number its place, 1 for the first
   * @param atMs when it came, by the clock of `performance.now`
   */
  constructor(
    private readonly log: string,
    private readonly number: number,
    readonly atMs: number,
    readonly event: CallEvent,
  ) {}

  get id(): string {
    return this.event.cursor ?? idOf(this.log, this.number);
  }

  /** The envelope of streams and webhooks, as JSON: made on first use, and once for all readers. */
  get json(): string {
    return (this.#json ??= this.#print());
  }

  #print(): string {
    const { type, timestamp, sequence, call } = this.event;
    return JSON.stringify({ id: this.id, type, timestamp, sequence, data: { call } });
  }
}

/**
 * The events of the last hour, only at most so many, oldest first. Their ids count up, and serve as cursors of readers. A prefix unique
 * to the log shows whether a cursor is from another run of the container. Events shared by all nodes have cursors that are valid on every
 * node: then this log is the node's copy.
 */
export class EventLog {
  readonly #name = `l${randomBytes(6).toString('base64url').replaceAll('-', '_')}`;
  #events: LoggedEvent[] = [];
  /** Events at the beginning of the list that count as removed: removing each by itself would move all others. */
  #removed = 0;
  #count = 0;

  /** @param maxEvents more are not kept */
  constructor(private readonly maxEvents: number) {}

  /** Id of the latest event: the cursor of who has read all. */
  get cursor(): string {
    return this.#events.at(-1)?.event.cursor ?? idOf(this.#name, this.#count);
  }

  /** All that is there, oldest first. */
  get all(): readonly LoggedEvent[] {
    return this.#events.slice(this.#removed);
  }

  add(event: CallEvent): LoggedEvent {
    this.#count += 1;
    const logged = new LoggedEvent(this.#name, this.#count, performance.now(), event);
    this.#events.push(logged);
    this.#prune(logged.atMs);
    return logged;
  }

  /** All events after that cursor; undefined if some of them are gone, or the cursor is not of this log. */
  after(cursor: string): readonly LoggedEvent[] | undefined {
    const shared = placeOf(cursor);
    if (shared) return this.#afterShared(shared);
    const count = this.#countOf(cursor);
    if (count === undefined) return undefined;
    const first = this.#count - (this.#events.length - this.#removed);
    return count < first ? undefined : this.#events.slice(this.#removed + count - first);
  }

  /** A cursor may be ahead of this node's copy, which is a moment behind the log. */
  #afterShared(cursor: Place): readonly LoggedEvent[] | undefined {
    const oldest = placeOf(this.#events[this.#removed]?.id ?? '');
    if (!oldest || isBehind(oldest, cursor)) return undefined;
    const first = this.#events.findIndex(({ id }) => isBehind(placeOf(id), cursor));
    return first < 0 ? [] : this.#events.slice(first);
  }

  #countOf(cursor: string): number | undefined {
    const [, name, digits] = /^([\w]+)-(\d{1,15})$/.exec(cursor) ?? [];
    const count = Number(digits);
    return name === this.#name && count <= this.#count ? count : undefined;
  }

  #prune(nowMs: number): void {
    const isOld = ({ atMs }: LoggedEvent): boolean => atMs < nowMs - MAX_AGE_MS;
    for (;;) {
      const oldest = this.#events[this.#removed];
      if (!oldest || (this.#events.length - this.#removed <= this.maxEvents && !isOld(oldest))) break;
      this.#removed += 1;
    }
    if (this.#removed <= this.maxEvents / 10) return;
    this.#events = this.#events.slice(this.#removed);
    this.#removed = 0;
  }
}

function idOf(log: string, number: number): string {
  return `${log}-${number}`;
}

/** Milliseconds, and a number that counts the events of one millisecond. */
type Place = readonly [ms: number, count: number];

/** Where a cursor of the shared log is; undefined for cursors of this log's own. */
function placeOf(cursor: string): Place | undefined {
  const [, ms, count] = /^(\d{1,15})-(\d{1,9})$/.exec(cursor) ?? [];
  return ms === undefined ? undefined : [Number(ms), Number(count)];
}

/** Whether a reader at that cursor of the shared log knows this event. */
export function isKnown(id: string, cursor = ''): boolean {
  const place = placeOf(cursor);
  return place !== undefined && placeOf(id) !== undefined && !isBehind(placeOf(id), place);
}

/** Compares cursors of the shared log, for sorting. */
export function byPlace(one = '', other = ''): number {
  const [ms = 0, count = 0] = placeOf(one) ?? [];
  const [otherMs = 0, otherCount = 0] = placeOf(other) ?? [];
  return ms - otherMs || count - otherCount;
}

/** Whether a place comes after another. */
function isBehind(place: Place | undefined, [ms, count]: Place): boolean {
  return place !== undefined && (place[0] > ms || (place[0] === ms && place[1] > count));
}
