import { Readable } from 'node:stream';
import { type Batch, batchesOf, frame } from './batch.js';
import type { LoggedEvent } from './event-log.js';

/** How far a reader may be behind. */
const MAX_EVENTS = 256;
const MAX_BYTES = 1_048_576;
/** After how many milliseconds a reader that was cut off comes back. */
const RETRY_MS = 2_000;
/** Most missed events that are written at once. */
const MISSED_AT_ONCE = 64;

export interface EventStreamOptions {
  /** Cursor that the reader begins at. */
  readonly cursor: string;
  /** Events after the cursor that the reader wants, oldest first: read from the log as fast as the reader takes them. */
  readonly missed?: readonly LoggedEvent[];
}

/**
 * One reader of the events (HTML, Server-sent events). Unread events wait here, within bounds. A reader that falls further behind gets
 * `stream.reset`, and continues from there.
 */
export class EventStream extends Readable {
  #missed: readonly LoggedEvent[];
  #waiting: Buffer[] = [];
  /** Waiting events, and the length of all that waits. */
  #events = 0;
  #bytes = 0;
  #isAsked = false;
  #isEnding = false;

  constructor({ cursor, missed = [] }: EventStreamOptions) {
    super({ highWaterMark: 0 });
    const open = frame('stream.open', cursor, JSON.stringify({ type: 'stream.open', cursor }));
    this.push(`retry: ${RETRY_MS}\n${open}`);
    this.#missed = missed;
  }

  /** How much the reader has not taken yet; without what is read from the log. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Lets events wait to be written, by `flush` or as soon as the reader takes more. */
  tell({ bytes, count, cursor }: Batch): void {
    if (this.#events + count > MAX_EVENTS || this.#bytes + bytes.length > MAX_BYTES) this.reset(cursor);
    else this.#wait(bytes, count);
  }

  /** Drops waiting events: the reader continues after that cursor. */
  reset(cursor: string): void {
    this.#missed = [];
    this.#waiting = [];
    this.#events = 0;
    this.#bytes = 0;
    this.#wait(Buffer.from(frame('stream.reset', cursor, JSON.stringify({ type: 'stream.reset', cursor }))), 1);
  }

  /** Shows that the connection lives. */
  comment(): void {
    if (this.#waiting.length > 0) return;
    this.#wait(Buffer.from(':\n\n'));
    this.flush();
  }

  /** Says that the stream will end soon, because the container drains. Events go on until then. */
  announceEnd(): void {
    this.#wait(Buffer.from('event: stream.closing\ndata: {"type":"stream.closing"}\n\n'));
    this.flush();
  }

  /** Ends the stream, after all that waits. */
  end(): void {
    this.#isEnding = true;
    this.flush();
  }

  /** Writes what waits, if the reader takes it. */
  flush(): void {
    if (!this.#isAsked || this.destroyed) return;
    const bytes = this.#next();
    if (bytes) {
      this.#isAsked = false;
      this.push(bytes);
    }
    if (this.#isEnding && this.#missed.length + this.#waiting.length === 0) this.push(null);
  }

  override _read(): void {
    this.#isAsked = true;
    this.flush();
  }

  #wait(bytes: Buffer, events = 0): void {
    this.#waiting.push(bytes);
    this.#events += events;
    this.#bytes += bytes.length;
  }

  /** What is to be written next, in its order; undefined if there is nothing. */
  #next(): Buffer | undefined {
    if (this.#missed.length > 0) {
      const missed = this.#missed.slice(0, MISSED_AT_ONCE);
      this.#missed = this.#missed.slice(MISSED_AT_ONCE);
      return joined(batchesOf(missed).map(({ bytes }) => bytes));
    }
    const waiting = this.#waiting.splice(0);
    this.#events = 0;
    this.#bytes = 0;
    return joined(waiting);
  }
}

/** A single part is not copied: very many readers may share it. */
function joined(parts: readonly Buffer[]): Buffer | undefined {
  return parts.length > 1 ? Buffer.concat(parts) : parts[0];
}
