import type { CallEvent, Duty, Log } from '../../../sdk/index.js';
import { byPlace } from '../events/event-log.js';
import type { Attempts } from './lane.js';

/** How often is written what has changed. */
const INTERVAL_MS = 1_000;
/** Changes that are written at a time. */
const AT_ONCE = 500;
const CURSOR = 'cursor';

/** An event that waits to be taken. */
export interface WaitingEvent {
  readonly event: CallEvent;
  readonly attempts: Attempts;
  /** A webhook of the configuration; empty for the sink of the call. */
  readonly target: string;
}

/** What another node goes on from. */
export interface Deliveries {
  /** The last event that was read: all before it are delivered, given up or waiting. Undefined if no node has read any. */
  readonly cursor: string | undefined;
  /** In order within each call. */
  readonly waiting: readonly WaitingEvent[];
}

/**
 * Writes down what waits, behind what happens, so that another node can go on: what has come and gone within a second is never written,
 * and is told again if this node dies within that second.
 */
export class Journal {
  /** When each event that was written is due. */
  #written = new Map<string, number>();
  #cursor: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isWriting = false;

  constructor(
    private readonly duty: Duty,
    private readonly now: () => Deliveries,
    private readonly log: Log,
  ) {}

  /** Reads what another node has written, and goes on from there. */
  begin(state: ReadonlyMap<string, string>): Deliveries {
    const waiting = [...state].filter(([name]) => name !== CURSOR);
    const entries = waiting.map(([name, text]) => ({ name, entry: JSON.parse(text) as WaitingEvent }));
    this.#written = new Map(entries.map(({ name, entry }) => [name, entry.attempts.dueAtMs]));
    this.#cursor = state.get(CURSOR);
    this.#timer = setInterval(() => void this.write(), INTERVAL_MS);
    const inOrder = entries.map(({ entry }) => entry);
    inOrder.sort((one, other) => byPlace(one.event.cursor, other.event.cursor));
    return { cursor: this.#cursor, waiting: inOrder };
  }

  /** Nothing is written any more. */
  end(): void {
    clearInterval(this.#timer);
  }

  /** All is written again. */
  forget(): void {
    this.#written.clear();
    this.#cursor = undefined;
  }

  /** Writes what has changed since. */
  async write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      await this.#write(this.now());
    } catch (error) {
      this.log.error('What waits for webhooks was not written', { error });
    } finally {
      this.#isWriting = false;
    }
  }

  async #write({ cursor, waiting }: Deliveries): Promise<void> {
    const named = new Map(waiting.map((entry) => [`${entry.event.cursor} ${entry.target}`, entry]));
    const news = [...named].filter(([name, { attempts }]) => this.#written.get(name) !== attempts.dueAtMs);
    const gone = [...this.#written.keys()].filter((name) => !named.has(name));
    // The cursor goes last: what lies before it is written by then.
    const changes: [string, string | undefined][] = [
      ...news.map(([name, entry]): [string, string] => [name, JSON.stringify(entry)]),
      ...gone.map((name): [string, undefined] => [name, undefined]),
      ...(cursor === this.#cursor ? [] : [[CURSOR, cursor] satisfies [string, string | undefined]]),
    ];
    for (let first = 0; first < changes.length; first += AT_ONCE)
      if (!(await this.duty.write(new Map(changes.slice(first, first + AT_ONCE))))) return;
    for (const [name, { attempts }] of news) this.#written.set(name, attempts.dueAtMs);
    for (const name of gone) this.#written.delete(name);
    this.#cursor = cursor;
  }
}
