/** One event in the life of a call. */
export interface ProgressEvent {
  /** Milliseconds since the epoch, never before the event before it. */
  readonly timestamp: number;
  readonly callId: string;
  readonly method: string;
  /** For example `SIP/2.0 180 Ringing`. */
  readonly statusLine: string;
}

/** More than any honest call has. From then on each event takes the place of the last, so that the end still shows. */
const MAX_EVENTS = 100;

/** What happened in a call, oldest first. What is shown of an event is made when it is first asked for, and kept. */
export class ProgressRecord<View> {
  readonly #events: Omit<ProgressEvent, 'callId'>[] = [];
  readonly #views: View[] = [];

  constructor(
    private readonly callId: string,
    private readonly view: (event: ProgressEvent) => View,
  ) {}

  get views(): readonly View[] {
    for (const event of this.#events.slice(this.#views.length)) {
      this.#views.push(this.view({ callId: this.callId, ...event }));
    }
    return this.#views;
  }

  add(method: string, statusLine: string): void {
    const timestamp = Math.max(Date.now(), this.#events.at(-1)?.timestamp ?? 0);
    if (this.#events.length === MAX_EVENTS) {
      this.#events.pop();
      this.#views.length = Math.min(this.#views.length, this.#events.length);
    }
    this.#events.push({ timestamp, method, statusLine: shared(statusLine) });
  }
}

/** Most calls have the same few status lines. */
const MAX_SHARED = 1_000;
const sharedTexts = new Map<string, string>();

/** The same text, with a memory of its own: one that was cut out of a datagram keeps the whole of it. */
function shared(text: string): string {
  const known = sharedTexts.get(text);
  if (known !== undefined) return known;
  const own = Buffer.from(text).toString();
  if (sharedTexts.size < MAX_SHARED) sharedTexts.set(own, own);
  return own;
}
