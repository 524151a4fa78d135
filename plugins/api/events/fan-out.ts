import { type Batch, batchesOf } from './batch.js';
import type { LoggedEvent } from './event-log.js';

/** The interval between writes grows by 1 ms for this many readers: a write costs about 10 µs, and may take a tenth of the time. */
const READERS_PER_MS = 10;
/** Readers that are written to in one turn of the event loop: calls go on in between. */
const AT_ONCE = 64;

/** Events passed on at a time, so that a burst leaves no reader behind; also the most that wait in a group. */
const PASSED_AT_ONCE = 128;
const MAX_EVENTS = 10_000;

/** Who reads: an `EventStream`. */
export interface Reader {
  tell(batch: Batch): void;
  flush(): void;
}

/** The events that some readers want. */
export interface View {
  /** Equal for equal wishes. */
  readonly key: string;
  readonly isWanted: (event: LoggedEvent) => boolean;
}

interface Group {
  readonly isWanted: View['isWanted'];
  readonly readers: Set<Reader>;
  /** Not passed on yet. */
  readonly events: LoggedEvent[];
}

/**
 * Tells events to very many readers. Readers with the same view are a group: for all of them an event is chosen and printed once. Events
 * of a moment are told together, one write a reader: at once where few read, and a tenth of a second later to 1,000 readers.
 */
export class FanOut {
  readonly #groups = new Map<string, Group>();
  /** Readers that have something to write. */
  #toWrite: Reader[] = [];
  #readers = 0;
  #isDue = false;

  tell(event: LoggedEvent): void {
    for (const group of this.#groups.values()) {
      if (!group.isWanted(event)) continue;
      group.events.push(event);
      if (group.events.length > MAX_EVENTS) this.#pass(group);
      this.#schedule();
    }
  }

  /** A reader gets the events from now on. @returns ends that */
  join(reader: Reader, { key, isWanted }: View): () => void {
    const group = this.#groups.get(key) ?? { isWanted, readers: new Set(), events: [] };
    this.#groups.set(key, group);
    this.#pass(group);
    group.readers.add(reader);
    this.#readers += 1;
    return () => {
      if (!group.readers.delete(reader)) return;
      this.#readers -= 1;
      if (group.readers.size === 0) this.#groups.delete(key);
    };
  }

  /** Writes all that was told so far. */
  flush(): void {
    for (const group of this.#groups.values()) this.#pass(group);
    for (const reader of this.#toWrite.splice(0)) reader.flush();
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const delayMs = Math.floor(this.#readers / READERS_PER_MS);
    if (delayMs === 0) setImmediate(() => this.#write());
    else setTimeout(() => this.#write(), delayMs);
  }

  /** Events that come while this goes on are told with the next batch. */
  #write(): void {
    if (this.#toWrite.length === 0) for (const group of this.#groups.values()) this.#pass(group, PASSED_AT_ONCE);
    for (const reader of this.#toWrite.splice(0, AT_ONCE)) reader.flush();
    if (this.#toWrite.length > 0) {
      setImmediate(() => this.#write());
      return;
    }
    this.#isDue = false;
    for (const { events } of this.#groups.values()) if (events.length > 0) this.#schedule();
  }

  /** Hands events of a group to its readers, at most so many. */
  #pass({ events, readers }: Group, most = events.length): void {
    const batches = batchesOf(events.splice(0, most));
    if (batches.length === 0) return;
    for (const reader of readers) {
      for (const batch of batches) reader.tell(batch);
      this.#toWrite.push(reader);
    }
  }
}
