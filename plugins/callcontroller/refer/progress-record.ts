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
  readonly #events: ProgressEvent[] = [];
  readonly #views: View[] = [];

  constructor(private readonly view: (event: ProgressEvent) => View) {}

  get views(): readonly View[] {
    for (const event of this.#events.slice(this.#views.length)) this.#views.push(this.view(event));
    return this.#views;
  }

  add(event: Omit<ProgressEvent, 'timestamp'>): void {
    const timestamp = Math.max(Date.now(), this.#events.at(-1)?.timestamp ?? 0);
    if (this.#events.length === MAX_EVENTS) {
      this.#events.pop();
      this.#views.length = Math.min(this.#views.length, this.#events.length);
    }
    this.#events.push({ timestamp, ...event });
  }
}
