/** A line of a record. Most calls have the same few lines, so they are shared, and never change. */
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

/** More than any honest call has. From then on each event replaces the last, so that the end still shows. */
const MAX_EVENTS = 100;

/** The events of a call, oldest first. There are very many records, most of them never read, so an event takes only two words. */
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
    // Grows without spare room, unlike an array that is pushed to.
    this.#lines = this.#lines.toSpliced(MAX_EVENTS - 1, 1, sharedLine(method, statusLine));
    this.#offsetsMs = this.#offsetsMs.toSpliced(MAX_EVENTS - 1, 1, offsetMs);
  }
}

/** Nobody but a test or an attacker sees more of them. */
const MAX_SHARED = 1_000;
/** By method and status line. */
const sharedLines = new Map<string, Map<string, Line>>();
let shared = 0;

/** One line shared by all, copied: a slice of a datagram would keep the whole datagram in memory. */
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
