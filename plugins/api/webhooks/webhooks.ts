import { Lifecycle, scoped } from 'tsyringe';
import { type CallSink, type Duty, Sdk } from '../../../sdk/index.js';
import { isKnown, LoggedEvent } from '../events/event-log.js';
import { Events } from '../events/events.js';
import { settingsSchema } from '../settings.js';
import { AddressGuard } from './address-guard.js';
import { type Deliveries, Journal, type WaitingEvent } from './journal.js';
import { NO_ATTEMPTS } from './lane.js';
import { Sinks } from './sinks.js';
import { Subscriber, type SubscriberOptions } from './subscriber.js';
import { Target } from './target.js';
import { Waiting } from './waiting.js';

/** Most events that wait for the targets of the configuration, and for all sinks. */
const MAX_WAITING = 10_000;

/**
 * Tells the targets of the configuration of all events, and a call's own `sink` of that call's. Of several nodes one does that for all
 * calls, and writes down what waits: another one goes on with that when it ends or dies.
 */
@scoped(Lifecycle.ContainerScoped)
export class Webhooks {
  readonly #guard: AddressGuard;
  readonly #waiting = new Waiting(MAX_WAITING);
  /** Apart, so that a sink that takes nothing costs the targets of the configuration no event. */
  readonly #waitingForSinks = new Waiting(MAX_WAITING);
  readonly #count: SubscriberOptions['count'];
  readonly #startedAtMs = performance.now();
  /** By URL, and a number where several have the same one. */
  #subscribers = new Map<string, Subscriber>();
  #sinks: Sinks;
  #duty: Duty | undefined;
  #journal: Journal | undefined;
  /** Whether this node is the one that tells. */
  #isTelling = false;
  /** The last event that was read. */
  #cursor: string | undefined;
  #end: (() => void) | undefined;

  constructor(
    private readonly sdk: Sdk,
    private readonly events: Events,
  ) {
    const { webhookNetworks } = sdk.config(settingsSchema);
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
    this.#sinks = this.#newSinks();
  }

  start(): void {
    this.#duty = this.sdk.duty('webhooks', {
      onTaken: (state) => this.#goOn(state),
      onLost: () => void this.#leave(),
      onForgotten: () => this.#journal?.forget(),
    });
    if (this.#duty) this.#journal = new Journal(this.#duty, () => this.#deliveries(), this.sdk.log);
    else this.#begin();
    this.#end = this.events.read((event) => this.#tell(event));
  }

  async stop(): Promise<void> {
    this.#end?.();
    if (this.#isTelling) await this.#journal?.write();
    await this.#duty?.release();
    await this.#leave();
  }

  /**
   * Looks the sink's host up, once for all its events.
   * @returns undefined if it has no address, or one that must not be called from here
   */
  async resolve({ url, secret }: CallSink): Promise<CallSink | undefined> {
    const address = await this.#guard.addressOf(url);
    return address && { url, secret, address };
  }

  #newSinks(): Sinks {
    const { log, caFile } = this.sdk;
    return new Sinks({ waiting: this.#waitingForSinks, log, count: this.#count }, caFile);
  }

  #begin(): void {
    const { webhooks } = this.sdk.config(settingsSchema);
    const common = { waiting: this.#waiting, log: this.sdk.log, count: this.#count };
    this.#isTelling = true;
    this.#subscribers = new Map(
      webhooks.map(({ url, secret, types }, index) => {
        const sameBefore = webhooks.slice(0, index).filter((other) => other.url === url).length;
        const target = new Target({ url, secret, caFile: this.sdk.caFile });
        const wanted = types && new Set(types);
        const isWanted = ({ event }: LoggedEvent): boolean => wanted?.has(event.type) ?? true;
        return [`${sameBefore} ${url}`, new Subscriber({ ...common, target, isWanted })];
      }),
    );
  }

  /** This node tells from now on: first what waits, then what was not read yet. */
  #goOn(state: ReadonlyMap<string, string>): void {
    const { cursor, waiting } = this.#journal?.begin(state) ?? { cursor: undefined, waiting: [] };
    this.#begin();
    this.#cursor = cursor;
    for (const each of waiting) this.#restore(each);
    for (const event of this.events.log.all) this.#tell(event);
  }

  async #leave(): Promise<void> {
    this.#isTelling = false;
    this.#journal?.end();
    const all = [...this.#subscribers.values(), this.#sinks];
    this.#subscribers = new Map();
    this.#sinks = this.#newSinks();
    await Promise.all(all.map((each) => each.close()));
  }

  #tell(logged: LoggedEvent): void {
    const { id, event } = logged;
    if (!this.#isTelling || isKnown(id, this.#cursor)) return;
    // Where nobody has told before, what the log has of earlier is nobody's.
    if (this.#cursor === undefined && event.cursor !== undefined && Date.parse(event.timestamp) < this.#startedAt)
      return;
    this.#cursor = id;
    for (const subscriber of this.#subscribers.values()) subscriber.tell(logged);
    this.#sinks.tell(logged, NO_ATTEMPTS);
  }

  /** In milliseconds since the epoch, by the system's clock as it is now: the timestamps of events go by the same, whoever sets it. */
  get #startedAt(): number {
    return Math.floor(Date.now() - (performance.now() - this.#startedAtMs));
  }

  #restore({ event, attempts, target }: WaitingEvent): void {
    const logged = new LoggedEvent('', 0, performance.now(), event);
    if (target === '') this.#sinks.tell(logged, attempts);
    else this.#subscribers.get(target)?.tell(logged, attempts);
  }

  #deliveries(): Deliveries {
    const waiting: WaitingEvent[] = [];
    for (const [target, from] of [...this.#subscribers, ['', this.#sinks] as const])
      for (const { event, attempts } of from.waiting()) waiting.push({ event: event.event, attempts, target });
    return { cursor: this.#cursor, waiting };
  }
}
