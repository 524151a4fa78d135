import type { CallInfo, CallSink } from '../../../sdk/index.js';
import type { LoggedEvent } from '../events/event-log.js';
import type { Attempts } from './lane.js';
import { Subscriber, type SubscriberOptions } from './subscriber.js';
import { Target } from './target.js';
import { Waiting } from './waiting.js';

/** Most events that wait for the sinks of one agent. */
const MAX_WAITING_OF_AGENT = 1_000;

/** Last events of a call. */
const LAST: ReadonlySet<string> = new Set(['call.handed_over', 'call.ended', 'call.lost']);

interface OpenSink {
  readonly subscriber: Subscriber;
  readonly agent: string;
  hasLast: boolean;
}

/** The sinks of calls, each from its call's first event that it learns of until it was told the last one. */
export class Sinks {
  readonly #open = new Map<string, OpenSink>();
  readonly #waitingByAgent = new Map<string, Waiting>();

  /** @param common with what waits for all sinks */
  constructor(
    private readonly common: Pick<SubscriberOptions, 'waiting' | 'log' | 'count'>,
    private readonly caFile: string | undefined,
  ) {}

  /** Tells the sink of the event's call, where it has one. */
  tell(logged: LoggedEvent, attempts: Attempts): void {
    const { sink, call, type } = logged.event;
    if (!sink) return;
    const open = this.#open.get(call.id) ?? this.#openSink(call, sink);
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

  #openSink({ id, agent }: CallInfo, { url, secret, address }: CallSink): OpenSink {
    const target = new Target({ url, secret, address, caFile: this.caFile });
    const onIdle = (): void => this.#forget(id, open);
    const waiting = this.#waitingByAgent.get(agent) ?? new Waiting(MAX_WAITING_OF_AGENT, this.common.waiting);
    this.#waitingByAgent.set(agent, waiting);
    const subscriber = new Subscriber({ ...this.common, waiting, target, isWanted: () => true, onIdle });
    const open: OpenSink = { subscriber, agent, hasLast: false };
    this.#open.set(id, open);
    return open;
  }

  /** A sink that wants nothing more is remembered until its call is over: it would be asked again otherwise. */
  #forget(callId: string, { subscriber, agent, hasLast }: OpenSink): void {
    if (!hasLast) return;
    this.#open.delete(callId);
    void subscriber.close();
    const hasOther = [...this.#open.values()].some((other) => other.agent === agent);
    if (!hasOther) this.#waitingByAgent.delete(agent);
  }
}
