import type { CallSink } from '../../../sdk/index.js';
import type { LoggedEvent } from '../events/event-log.js';
import type { Attempts } from './lane.js';
import { Subscriber, type SubscriberOptions } from './subscriber.js';
import { Target } from './target.js';

/** Last events of a call. */
const LAST: ReadonlySet<string> = new Set(['call.handed_over', 'call.ended', 'call.lost']);

interface OpenSink {
  readonly subscriber: Subscriber;
  hasLast: boolean;
}

/** The sinks of calls, each from its call's first event that it is told of until it was told the last one. */
export class Sinks {
  readonly #open = new Map<string, OpenSink>();

  constructor(
    private readonly common: Pick<SubscriberOptions, 'waiting' | 'log' | 'count'>,
    private readonly caFile: string | undefined,
  ) {}

  /** Tells the sink of the event's call, where it has one. */
  tell(logged: LoggedEvent, attempts: Attempts): void {
    const { sink, call, type } = logged.event;
    if (!sink) return;
    const open = this.#open.get(call.id) ?? this.#openSink(call.id, sink);
    open.hasLast ||= LAST.has(type);
    open.subscriber.tell(logged, attempts);
    if (open.subscriber.isIdle) this.#forget(call.id, open);
  }

  *waiting(): ReturnType<Subscriber['waiting']> {
    for (const { subscriber } of this.#open.values()) yield* subscriber.waiting();
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map(({ subscriber }) => subscriber.close()));
  }

  #openSink(callId: string, { url, secret, address }: CallSink): OpenSink {
    const target = new Target({ url, secret, address, caFile: this.caFile });
    const onIdle = (): void => this.#forget(callId, open);
    const subscriber = new Subscriber({ ...this.common, target, isWanted: () => true, onIdle });
    const open: OpenSink = { subscriber, hasLast: false };
    this.#open.set(callId, open);
    return open;
  }

  /** A sink that wants nothing more is remembered until its call is over: it would be asked again otherwise. */
  #forget(callId: string, { subscriber, hasLast }: OpenSink): void {
    if (!hasLast) return;
    this.#open.delete(callId);
    void subscriber.close();
  }
}
