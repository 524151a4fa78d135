import { Readable } from 'node:stream';
import type { LoggedEvent } from './event-log.js';

/** How far a reader may be behind. */
const MAX_EVENTS = 256;
const MAX_BYTES = 1_048_576;

export interface EventStreamOptions {
  /** Cursor that the reader begins at. */
  readonly cursor: string;
  readonly isWanted: (event: LoggedEvent) => boolean;
}

/**
 * One reader of the events (HTML, Server-sent events). What it has not taken waits here, within bounds: a reader that is further behind
 * is told so by `stream.reset`, and goes on from then.
 */
export class EventStream extends Readable {
  #waiting: string[] = [];
  #bytes = 0;
  #isAsked = false;
  readonly #isWanted: EventStreamOptions['isWanted'];

  constructor({ cursor, isWanted }: EventStreamOptions) {
    super({ highWaterMark: 0 });
    this.#isWanted = isWanted;
    this.#write(`retry: 2000\n${frame('stream.open', cursor, JSON.stringify({ type: 'stream.open', cursor }))}`);
  }

  /** @param frame of the event, the same for all readers */
  tell(event: LoggedEvent): void {
    if (!this.#isWanted(event)) return;
    const text = frame(event.event.type, event.id, event.json);
    if (this.#waiting.length < MAX_EVENTS && this.#bytes + text.length <= MAX_BYTES) this.#write(text);
    else this.reset(event.id);
  }

  /** What waits is given up: the reader goes on behind that cursor. */
  reset(cursor: string): void {
    this.#waiting = [];
    this.#bytes = 0;
    this.#write(frame('stream.reset', cursor, JSON.stringify({ type: 'stream.reset', cursor })));
  }

  /** Shows that the connection lives. */
  comment(): void {
    if (this.#waiting.length === 0) this.#write(':\n\n');
  }

  /** Says goodbye: the container stops. */
  closing(): void {
    this.#write('event: stream.closing\ndata: {"type":"stream.closing"}\n\n');
    this.#waiting.push('');
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
    if (!this.#isAsked || this.#waiting.length === 0 || this.destroyed) return;
    this.#isAsked = false;
    const ends = this.#waiting.at(-1) === '';
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#bytes = 0;
    this.push(text);
    if (ends) this.push(null);
  }
}

function frame(type: string, id: string, json: string): string {
  return `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
}
