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

/** What happened in a call, oldest first. Views of it are made from the events, as they happen. */
export class ProgressRecord<View> {
  readonly #views: View[] = [];
  #lastTimestamp = 0;

  /** @param view makes what is shown of an event; it is called once for each */
  constructor(private readonly view: (event: ProgressEvent) => View) {}

  get views(): readonly View[] {
    return this.#views;
  }

  add(event: Omit<ProgressEvent, 'timestamp'>): void {
    this.#lastTimestamp = Math.max(this.#lastTimestamp, Date.now());
    if (this.#views.length === MAX_EVENTS) this.#views.pop();
    this.#views.push(this.view({ timestamp: this.#lastTimestamp, ...event }));
  }
}
