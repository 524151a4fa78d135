import type { Log, OwnRecord } from '../../sdk/index.js';
import { messageOf } from '../message-of.js';
import { RedisAway } from './redis-link.js';
import { PUT } from './scripts.js';
import { keys, type Store } from './store.js';

/** Records that are written at a time. */
const BATCH = 64;
/** Changes within this time are one write, in milliseconds: a call changes several times in a moment. */
const COLLECT_MS = 25;
/** Most events in the shared log, and most that wait. */
export const MAX_EVENTS = 10_000;
/** Recent events are offered again after Redis was away, because a server that took over may lack them. */
const RECENT_MS = 30_000;

interface Event {
  readonly id: string;
  readonly sequence: number;
  readonly text: string;
  readonly atMs: number;
}

export interface WriteBehindOptions {
  readonly node: string;
  readonly store: Store;
  readonly log: Log;
  readonly fence: () => string | undefined;
  /** The record as it is now. */
  readonly read: (id: string) => OwnRecord | undefined;
  /** The record belongs to another node. */
  readonly onLost: (id: string) => void;
}

/**
 * Writes this node's records with a delay. The queue holds the ids of changed records, not the changes: each record is written in its
 * newest state, so the queue is never longer than the number of records, however long Redis is away. Of events at most 10,000 wait.
 */
export class WriteBehind {
  readonly #changed = new Set<string>();
  /** Not written yet, oldest first. */
  #events = new Map<string, Event[]>();
  #eventCount = 0;
  #recent: Event[] = [];
  #dropped = 0;
  #isWriting = false;
  #collecting: NodeJS.Timeout | undefined;
  #urgent: NodeJS.Immediate | undefined;
  /** Redis does not know this node at present: writing waits for the next renewal of the lease. */
  #isRefused = false;
  #whenIdle: (() => void)[] = [];
  /** By record: the write that is under way. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** By record: who waits for the next write of it. */
  readonly #whenPut = new Map<string, (() => void)[]>();

  constructor(private readonly options: WriteBehindOptions) {}

  /** How many records and events wait, and how many events were given up. */
  get waiting(): { readonly records: number; readonly events: number; readonly dropped: number } {
    return { records: this.#changed.size, events: this.#eventCount, dropped: this.#dropped };
  }

  /** Whether others still see an older state of the record. */
  isWaiting(id: string): boolean {
    return this.#changed.has(id);
  }

  /** Settles when the record was written as it is now, which begins at once, or could not be. */
  async whenWritten(id: string): Promise<void> {
    if (!this.#changed.has(id)) await this.#underWay.get(id);
    else if (this.#canWrite)
      await new Promise<void>((resolve) => {
        this.#whenPut.set(id, [...(this.#whenPut.get(id) ?? []), resolve]);
        this.#urgent ??= setImmediate(() => void this.#writeUrgent());
      });
  }

  change(id: string): void {
    this.#changed.add(id);
    this.#schedule();
  }

  tell(id: string, sequence: number, text: string): void {
    this.#keep({ id, sequence, text, atMs: performance.now() });
    this.change(id);
  }

  /** Redis may have lost what was written: all of it is written again. */
  rewrite(ids: Iterable<string>): void {
    for (const id of ids) this.#changed.add(id);
    const sinceMs = performance.now() - RECENT_MS;
    for (const event of this.#recent.splice(0)) {
      if (event.atMs < sinceMs || !this.options.read(event.id)) continue;
      this.#keep(event);
      this.#changed.add(event.id);
    }
    this.#schedule();
  }

  /** Goes on where writing has stopped. */
  resume(): void {
    this.#isRefused = false;
    this.#schedule();
  }

  /** Drops everything of this node that waits. */
  forgetAll(): void {
    for (const resolve of [...this.#whenPut.values()].flat()) resolve();
    this.#whenPut.clear();
    this.#changed.clear();
    this.#events.clear();
    this.#eventCount = 0;
    this.#recent = [];
  }

  /** Settles when nothing waits, or nothing can be written. */
  async idle(): Promise<void> {
    if (!this.#isWriting && !this.#canWrite) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve);
      void this.#write();
    });
  }

  close(): void {
    clearTimeout(this.#collecting);
    clearImmediate(this.#urgent);
  }

  get #canWrite(): boolean {
    return !this.#isRefused && this.#changed.size > 0 && this.options.store.isUp && this.options.fence() !== undefined;
  }

  #keep(event: Event): void {
    if (this.#eventCount >= MAX_EVENTS) this.#dropOldest();
    const own = this.#events.get(event.id) ?? [];
    own.push(event);
    own.sort((one, other) => one.sequence - other.sequence);
    this.#events.set(event.id, own);
    this.#eventCount += 1;
  }

  #dropOldest(): void {
    const [oldest] = this.#events;
    if (!oldest) return;
    const [id, [, ...others]] = oldest;
    this.#events.delete(id);
    if (others.length > 0) this.#events.set(id, others);
    this.#eventCount -= 1;
    this.#dropped += 1;
  }

  #schedule(): void {
    if (!this.#isWriting) this.#collecting ??= setTimeout(() => void this.#write(), COLLECT_MS);
  }

  /** Writes what has changed; all that waits, if somebody waits for that. */
  async #write(): Promise<void> {
    clearTimeout(this.#collecting);
    this.#collecting = undefined;
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      do await this.#putAll([...this.#changed]);
      while (this.#whenIdle.length > 0 && this.#canWrite);
    } finally {
      this.#isWriting = false;
      for (const resolve of this.#whenIdle.splice(0)) resolve();
      if (this.#canWrite) this.#schedule();
    }
  }

  /** Writes the records that somebody waits for, whatever else is being written: Redis keeps the order. */
  async #writeUrgent(): Promise<void> {
    this.#urgent = undefined;
    await this.#putAll([...this.#whenPut.keys()]);
  }

  async #putAll(ids: readonly string[]): Promise<void> {
    for (let first = 0; first < ids.length && this.#canWrite; first += BATCH)
      await Promise.all(ids.slice(first, first + BATCH).map(async (id) => this.#putAndTell(id)));
  }

  async #putAndTell(id: string): Promise<void> {
    if (!this.#changed.delete(id)) return; // written meanwhile
    const waiting = this.#whenPut.get(id) ?? [];
    this.#whenPut.delete(id);
    const put = this.#put(id);
    this.#underWay.set(id, put);
    await put;
    if (this.#underWay.get(id) === put) this.#underWay.delete(id);
    for (const resolve of waiting) resolve();
  }

  async #put(id: string): Promise<void> {
    const { node, store, log, onLost } = this.options;
    const record = this.options.read(id);
    const fence = this.options.fence();
    const events = this.#events.get(id) ?? [];
    this.#events.delete(id);
    this.#eventCount -= events.length;
    if (!record || fence === undefined) return;
    const texts = Object.entries(record.fields).flat();
    const { isLive, keys: names } = record;
    const head = [
      id,
      node,
      fence,
      keys.keyPrefix,
      keys.recordPrefix,
      isLive ? 1 : 0,
      Math.ceil(record.keptMs),
      MAX_EVENTS,
    ];
    const told = events.flatMap(({ sequence, text }) => [sequence, text]);
    const values = [...head, names.length, ...names, texts.length, ...texts, ...told];
    try {
      const written = [keys.record(id), keys.ids, keys.owned(node), keys.node(node), keys.events];
      const outcome = await store.run(PUT, written, values);
      if (outcome === 1) this.#remember(events);
      else if (outcome === 0) onLost(id);
      else this.#refused(id, events);
    } catch (error) {
      if (error instanceof RedisAway) this.#again(id, events);
      else log.error('Redis refused a record', { id, problem: messageOf(error) });
    }
  }

  #refused(id: string, events: readonly Event[]): void {
    this.#isRefused = true;
    this.#again(id, events);
  }

  #again(id: string, events: readonly Event[]): void {
    this.#changed.add(id);
    for (const event of events) this.#keep(event);
  }

  #remember(events: readonly Event[]): void {
    if (events.length === 0) return;
    this.#recent.push(...events);
    const sinceMs = performance.now() - RECENT_MS;
    const first = this.#recent.findIndex(({ atMs }) => atMs >= sinceMs);
    if (first > 1_000 || this.#recent.length > MAX_EVENTS) this.#recent = this.#recent.slice(first);
  }
}
