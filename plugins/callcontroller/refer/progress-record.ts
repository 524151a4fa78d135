/** What a telephone said: most calls have the same few of these, so they are shared, and never change. */
export interface Line {
  readonly method: string;
  /** For example `SIP/2.0 180 Ringing`. */
  readonly statusLine: string;
}

/** One event in the life of a call. */
export interface ProgressEvent {
  /** Milliseconds since the epoch, never before the event before it. */
  readonly timestamp: number;
  readonly line: Line;
}

/** More than any honest call has. From then on each event takes the place of the last, so that the end still shows. */
const MAX_EVENTS = 100;

/**
 * What happened in a call, oldest first. There are very many of these, most of them never read: an event takes two words.
 */
export class ProgressRecord {
  readonly #startMs = Date.now();
  #lines: readonly Line[] = [];
  /** Milliseconds from the start to each event. */
  #offsetsMs: readonly number[] = [];

  constructor(readonly callId: string) {}

  get events(): ProgressEvent[] {
    return this.#lines.map((line, index) => ({ timestamp: this.#startMs + (this.#offsetsMs[index] ?? 0), line }));
  }

  add(method: string, statusLine: string): void {
    const offsetMs = Math.max(Date.now() - this.#startMs, this.#offsetsMs.at(-1) ?? 0);
    // Appended to without room to spare: arrays that are pushed to keep some.
    this.#lines = this.#lines.toSpliced(MAX_EVENTS - 1, 1, sharedLine(method, statusLine));
    this.#offsetsMs = this.#offsetsMs.toSpliced(MAX_EVENTS - 1, 1, offsetMs);
  }
}

/** Nobody but a test or an attacker sees more of them. */
const MAX_SHARED = 1_000;
/** By method and status line. */
const sharedLines = new Map<string, Map<string, Line>>();
let shared = 0;

/** The same line for all, with a memory of its own: a text that was cut out of a datagram keeps the whole of it. */
function sharedLine(method: string, statusLine: string): Line {
  const ofMethod = sharedLines.get(method);
  const known = ofMethod?.get(statusLine);
  if (known) return known;
  const line = { method, statusLine: Buffer.from(statusLine).toString() };
  if (shared === MAX_SHARED) return line;
  shared += 1;
  if (ofMethod) ofMethod.set(line.statusLine, line);
  else sharedLines.set(method, new Map([[line.statusLine, line]]));
  return line;
}
