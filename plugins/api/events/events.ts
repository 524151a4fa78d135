import { Lifecycle, scoped } from 'tsyringe';
import { CallControl, Sdk } from '../../../sdk/index.js';
import { settingsSchema } from '../settings.js';
import { EventLog, type LoggedEvent } from './event-log.js';

/** The events of all calls: the log, and its live readers. */
@scoped(Lifecycle.ContainerScoped)
export class Events {
  readonly log: EventLog;
  readonly #readers = new Set<(event: LoggedEvent) => void>();
  #unwatch: (() => void) | undefined;

  constructor(
    sdk: Sdk,
    private readonly calls: CallControl,
  ) {
    this.log = new EventLog(sdk.config(settingsSchema).eventsKept);
  }

  async start(): Promise<void> {
    this.#unwatch = await this.calls.watch(
      (event) => {
        const logged = this.log.add(event);
        for (const reader of this.#readers) reader(logged);
      },
      { withPast: true },
    );
  }

  stop(): void {
    this.#unwatch?.();
  }

  /** @returns ends it */
  read(onEvent: (event: LoggedEvent) => void): () => void {
    this.#readers.add(onEvent);
    return () => this.#readers.delete(onEvent);
  }
}
