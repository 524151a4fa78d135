import { Lifecycle, scoped } from 'tsyringe';
import { type CallInfo, Sdk } from '../../../sdk/index.js';
import type { LoggedEvent } from '../events/event-log.js';
import { Events } from '../events/events.js';
import { settingsSchema } from '../settings.js';
import { AddressGuard } from './address-guard.js';
import { Subscriber, type SubscriberOptions } from './subscriber.js';
import { Target } from './target.js';
import { Waiting } from './waiting.js';

/** Where a call's own events go. */
export interface Sink {
  readonly url: string;
  readonly secret: string;
}

/** Most events that wait for the targets of the configuration, for all sinks, and for the sinks of one agent. */
const MAX_WAITING = 10_000;
const MAX_WAITING_OF_AGENT = 1_000;

/** Last events of a call. */
const LAST: ReadonlySet<string> = new Set(['call.handed_over', 'call.ended', 'call.lost']);

/** Tells the targets of the configuration of all events, and a call's own `sink` of that call's. */
@scoped(Lifecycle.ContainerScoped)
export class Webhooks {
  readonly #guard: AddressGuard;
  readonly #waiting = new Waiting(MAX_WAITING);
  /** Apart, so that a sink that takes nothing costs the targets of the configuration no event. */
  readonly #waitingForSinks = new Waiting(MAX_WAITING);
  readonly #waitingByAgent = new Map<string, Waiting>();
  readonly #subscribers: readonly Subscriber[];
  /** Sinks by call, until they know its last event. */
  readonly #sinks = new Map<string, Subscriber>();
  readonly #startedAtMs = performance.now();
  readonly #count: SubscriberOptions['count'];
  #end: (() => void) | undefined;

  constructor(
    private readonly sdk: Sdk,
    private readonly events: Events,
  ) {
    const { webhooks, webhookNetworks } = sdk.config(settingsSchema);
    const attempts = sdk.metrics.counter({
      name: 'webhook_attempts_total',
      help: 'Events sent to webhooks, by outcome: delivered, failed, gone (410); givenUp counts events that nobody took.',
      labels: ['outcome'],
    });
    this.#count = (outcome) => attempts.add({ outcome });
    const help = 'Events that wait to be taken by webhooks.';
    sdk.metrics.gauge({ name: 'webhook_events_waiting', help }, () => [
      { value: this.#waiting.count + this.#waitingForSinks.count },
    ]);
    this.#guard = new AddressGuard(webhookNetworks);
    this.#subscribers = webhooks.map(({ url, secret, types }) => {
      const target = new Target({ url, secret, caFile: sdk.caFile });
      const wanted = types && new Set(types);
      const isWanted = ({ event }: LoggedEvent): boolean => wanted?.has(event.type) ?? true;
      return new Subscriber({ target, isWanted, waiting: this.#waiting, log: sdk.log, count: this.#count });
    });
  }

  start(): void {
    this.#end = this.events.read((event) => {
      if (!this.#isOwn(event)) return;
      for (const subscriber of this.#subscribers) subscriber.tell(event);
      if (this.#sinks.size > 0) this.#sinks.get(event.event.call.id)?.tell(event);
    });
  }

  /** Of several nodes the one that has the call tells of it. What the log has of an earlier run was told then. */
  #isOwn({ event }: LoggedEvent): boolean {
    if (event.cursor === undefined) return true;
    const { host, port } = this.sdk.sip;
    const node = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return event.call.node === node && Date.parse(event.timestamp) >= this.#startedAt;
  }

  /** In milliseconds since the epoch, by the system's clock as it is now: the timestamps of events go by the same, whoever sets it. */
  get #startedAt(): number {
    return Math.floor(Date.now() - (performance.now() - this.#startedAtMs));
  }

  async stop(): Promise<void> {
    this.#end?.();
    const all = [...this.#subscribers, ...this.#sinks.values()];
    this.#sinks.clear();
    await Promise.all(all.map((subscriber) => subscriber.close()));
  }

  /** Looks the sink's host up, once for all its events. Undefined where it has no address, or one that must not be called from here. */
  async openSink({ url, secret }: Sink): Promise<Target | undefined> {
    const address = await this.#guard.addressOf(url);
    return address && new Target({ url, secret, address, caFile: this.sdk.caFile });
  }

  /** Whether a call may have that sink. */
  async mayTell({ url }: Pick<Sink, 'url'>): Promise<boolean> {
    return (await this.#guard.addressOf(url)) !== undefined;
  }

  /** Tells the sink of a call that was just placed, its events since that cursor among them. */
  addSink({ id, agent }: CallInfo, target: Target, cursor: string): void {
    const waiting = this.#waitingByAgent.get(agent) ?? new Waiting(MAX_WAITING_OF_AGENT, this.#waitingForSinks);
    this.#waitingByAgent.set(agent, waiting);
    let hasLast = false;
    const end = (): void => {
      if (!hasLast && !subscriber.isGone) return;
      this.#sinks.delete(id);
      void subscriber.close();
      if (waiting.count === 0 && this.#waitingByAgent.get(agent) === waiting) this.#waitingByAgent.delete(agent);
    };
    const isWanted = ({ event }: LoggedEvent): boolean => {
      if (event.call.id !== id) return false;
      hasLast ||= LAST.has(event.type);
      return true;
    };
    const subscriber: Subscriber = new Subscriber({
      target,
      isWanted,
      waiting,
      log: this.sdk.log,
      count: this.#count,
      onIdle: end,
    });
    this.#sinks.set(id, subscriber);
    for (const event of this.events.log.after(cursor) ?? []) subscriber.tell(event);
  }
}
