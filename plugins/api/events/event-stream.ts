import { Readable } from 'node:stream';
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
  readonly isWanted: (event: LoggedEvent) => boolean;
  /** What came after the cursor, oldest first: read from the log as fast as the reader takes it. */
  readonly missed?: readonly LoggedEvent[];
}

/**
 * One reader of the events (HTML, Server-sent events). What it has not taken waits here, within bounds: a reader that is further behind
 * is told so by `stream.reset`, and goes on from then.
 */
export class EventStream extends Readable {
  /** The first frame; empty once it is written. */
  #opening: string;
  #missed: readonly LoggedEvent[];
  #waiting: string[] = [];
  #bytes = 0;
  #isAsked = false;
  #isEnding = false;
  readonly #isWanted: EventStreamOptions['isWanted'];

  constructor({ cursor, isWanted, missed = [] }: EventStreamOptions) {
    super({ highWaterMark: 0 });
    this.#isWanted = isWanted;
    this.#missed = missed.filter((event) => isWanted(event));
    const open = frame('stream.open', cursor, JSON.stringify({ type: 'stream.open', cursor }));
    this.#opening = `retry: ${RETRY_MS}\n${open}`;
  }

  /** How much the reader has not taken yet, in characters; without what is read from the log. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  /** @param event of a call, written once for all readers */
  tell(event: LoggedEvent): void {
    if (!this.#isWanted(event)) return;
    const text = frameOf(event);
    if (this.#waiting.length < MAX_EVENTS && this.#bytes + text.length <= MAX_BYTES) this.#write(text);
    else this.reset(event.id);
  }

  /** What waits is given up: the reader goes on behind that cursor. */
  reset(cursor: string): void {
    this.#missed = [];
    this.#waiting = [];
    this.#bytes = 0;
    this.#write(frame('stream.reset', cursor, JSON.stringify({ type: 'stream.reset', cursor })));
  }

  /** Shows that the connection lives. */
  comment(): void {
    if (this.#waiting.length === 0) this.#write(':\n\n');
  }

  /** Says that the stream will end soon, because the container drains. Events go on until then. */
  announceEnd(): void {
    this.#write('event: stream.closing\ndata: {"type":"stream.closing"}\n\n');
  }

  /** Ends the stream, behind all that waits. */
  end(): void {
    this.#isEnding = true;
    this.#flush();
  }

  override _read(): void {
    this.#isAsked = true;
    this.#flush();
  }

  #write(text: string): void {
    this.#waiting.push(text);
    this.#bytes += text.length;
    this.#flush();
  }

  #flush(): void {
    if (!this.#isAsked || this.destroyed) return;
    const text = this.#next();
    if (text !== '') {
      this.#isAsked = false;
      this.push(text);
    }
    if (this.#isEnding && this.#missed.length + this.#waiting.length === 0) this.push(null);
  }

  /** What is to be written next, in its order; empty where there is nothing. */
  #next(): string {
    const missed = this.#missed.slice(0, MISSED_AT_ONCE);
    this.#missed = this.#missed.slice(MISSED_AT_ONCE);
    const waiting = this.#missed.length === 0 ? this.#waiting.splice(0) : [];
    if (this.#missed.length === 0) this.#bytes = 0;
    const text = [this.#opening, ...missed.map(frameOf), ...waiting].join('');
    this.#opening = '';
    return text;
  }
}

function frameOf({ event, id, json }: LoggedEvent): string {
  return frame(event.type, id, json);
}

function frame(type: string, id: string, json: string): string {
  return `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
}
