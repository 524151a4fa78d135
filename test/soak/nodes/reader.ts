import { setTimeout as delay } from 'node:timers/promises';
import { readEvents, type Told } from '../../support/event-reader.js';

const AGAIN_MS = 100;

/** Reads the events of all calls from one node after another, wherever its stream ends, and goes on where it was. */
export class Reader {
  /** By the id of the call, in the order in which they came. */
  readonly events = new Map<string, Told[]>();
  resets = 0;
  #cursor: string | undefined;
  readonly #ended = new AbortController();
  readonly #reading: Promise<void>;

  /** @param nextNode base of the node to read from next */
  constructor(private readonly nextNode: () => string) {
    this.#reading = this.#read();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const query: Record<string, string> = this.#cursor === undefined ? {} : { lastEventId: this.#cursor };
      try {
        for await (const told of readEvents(this.nextNode(), query, {}, signal)) this.#take(told);
      } catch {
        // The node is down, or went down.
      }
      await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #take(told: Told): void {
    if (told.id !== '') this.#cursor = told.id;
    if (told.type === 'stream.reset') this.resets += 1;
    const id = told.data?.call.id;
    if (id !== undefined) this.events.set(id, [...(this.events.get(id) ?? []), told]);
  }
}
