import type { Log } from '../../../sdk/index.js';
import type { LoggedEvent } from '../events/event-log.js';
import { type Attempts, Lane, NO_ATTEMPTS, RETRY_DELAYS_MS } from './lane.js';
import type { Outcome, Target } from './target.js';
import type { Waiting } from './waiting.js';

export interface SubscriberOptions {
  readonly target: Pick<Target, 'send' | 'close'>;
  readonly isWanted: (event: LoggedEvent) => boolean;
  /** Where it is full, what comes is given up at once. */
  readonly waiting: Waiting;
  readonly log: Log;
  /** Counts each attempt, and each event that is given up. */
  readonly count: (outcome: 'delivered' | 'failed' | 'gone' | 'givenUp') => void;
  /** Called when nothing waits for it. */
  readonly onIdle?: () => void;
  readonly delaysMs?: readonly number[];
}

/** One target, with a lane for each call that has something to tell it. */
export class Subscriber {
  readonly #lanes = new Map<string, Lane>();
  #isGone = false;

  constructor(private readonly options: SubscriberOptions) {}

  /** It takes nothing any more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Nothing waits for it. */
  get isIdle(): boolean {
    return this.#lanes.size === 0;
  }

  /** @param attempts of an event that another node has sent before */
  tell(event: LoggedEvent, attempts = NO_ATTEMPTS): void {
    if (this.#isGone || !this.options.isWanted(event)) return;
    const { waiting } = this.options;
    if (waiting.isFull) return this.#giveUp(event, 'too many events wait');
    waiting.add(1);
    this.#laneOf(event.event.call.id).add(event, attempts);
  }

  /** What waits, in order within each call. */
  *waiting(): Generator<{ readonly event: LoggedEvent; readonly attempts: Attempts }> {
    for (const lane of this.#lanes.values()) yield* lane.waiting();
  }

  async close(): Promise<void> {
    this.#isGone = true;
    for (const lane of this.#lanes.values()) lane.close();
    this.#lanes.clear();
    await this.options.target.close();
  }

  #laneOf(callId: string): Lane {
    const known = this.#lanes.get(callId);
    if (known) return known;
    const { waiting, delaysMs = RETRY_DELAYS_MS } = this.options;
    const lane = new Lane(
      { send: (event) => this.#send(event) },
      {
        delaysMs,
        onTaken: () => waiting.add(-1),
        onGivenUp: (event, failure) => this.#giveUp(event, failure),
        onEmpty: () => {
          this.#lanes.delete(callId);
          if (this.#lanes.size === 0) this.options.onIdle?.();
        },
        onGone: () => this.#end(),
      },
    );
    this.#lanes.set(callId, lane);
    return lane;
  }

  async #send(event: Pick<LoggedEvent, 'id' | 'json'>): Promise<Outcome> {
    const outcome = await this.options.target.send(event);
    this.options.count(typeof outcome === 'string' ? outcome : 'failed');
    return outcome;
  }

  /** 410: nothing is sent there any more, until the container starts anew. */
  #end(): void {
    this.options.log.warn('A webhook wants no more events (410)');
    void this.close();
    this.options.onIdle?.();
  }

  #giveUp({ id, event }: LoggedEvent, failure: string): void {
    this.options.count('givenUp');
    this.options.log.warn('An event was not delivered', { event: id, type: event.type, call: event.call.id, failure });
  }
}
