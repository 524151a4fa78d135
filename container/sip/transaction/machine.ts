import { type AnyTable, type TimerEvent, transition } from './table.js';
import { durationMs, type Timer } from './timers.js';

/** Calls back once after `ms` milliseconds. @returns cancels the timer */
export type Clock = (ms: number, callback: () => void) => () => void;

export const systemClock: Clock = (ms, callback) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

interface Running {
  readonly timer: Timer;
  readonly stop: () => void;
}

export interface MachineOwner<Effect> {
  /** Performs an effect, which may step the machine again. */
  perform(effect: Effect): void;
  /** The transaction has terminated. Its last effects follow. */
  onEnd(): void;
}

/** Runs the state table of a transaction: the only place that changes its state and its timers. */
export class Machine<State extends string, Event extends string, Effect> {
  #isReliable: boolean | undefined;
  #running: readonly Running[] = [];
  /** How often the retransmission timer has fired; no state has two of them. */
  #fired = 0;

  constructor(
    private readonly table: AnyTable<State, Event | TimerEvent, Effect>,
    private current: State,
    private readonly owner: MachineOwner<Effect>,
    private readonly clock: Clock = systemClock,
  ) {
    this.#arm();
  }

  get state(): State {
    return this.current;
  }

  /** Whether a retransmission timer is running. */
  get isRetransmitting(): boolean {
    return this.#running.some(({ timer }) => timer === 'A' || timer === 'E' || timer === 'G');
  }

  /** The message was sent, so its transport is known. */
  sent(isReliable: boolean): void {
    this.#isReliable = isReliable;
    this.#arm();
  }

  /** Steps through the table. An event without an entry changes nothing. */
  step(event: Event | TimerEvent): void {
    const next = transition(this.table, this.current, event);
    if (!next) return;
    this.current = next.to;
    const kept = this.table[next.to]?.timers ?? [];
    this.#stop((timer) => !kept.includes(timer));
    this.#arm();
    if (next.to === 'terminated') this.owner.onEnd();
    for (const effect of next.effects) this.owner.perform(effect);
    this.#endAtOnce();
  }

  /** Terminates the transaction at once, without telling anybody. */
  end(): void {
    this.#stop(() => true);
  }

  #arm(): void {
    for (const timer of this.table[this.current]?.timers ?? []) {
      const isRunning = this.#running.some((each) => each.timer === timer);
      const ms = isRunning ? undefined : this.#durationMs(timer);
      if (ms === undefined || ms === 0) continue;
      const stop = this.clock(ms, () => this.#fire(timer));
      this.#running = [...this.#running, { timer, stop }];
    }
  }

  /** A timer of zero fires at the end of the step that has set it. */
  #endAtOnce(): void {
    for (const timer of this.table[this.current]?.timers ?? [])
      if (this.#durationMs(timer) === 0) this.step(`timer ${timer}`);
  }

  #fire(timer: Timer): void {
    this.#running = this.#running.filter((each) => each.timer !== timer);
    this.#fired += 1;
    this.step(`timer ${timer}`);
  }

  #durationMs(timer: Timer): number | undefined {
    const isProceeding = this.current === 'proceeding';
    return durationMs(timer, { fired: this.#fired, isProceeding, isReliable: this.#isReliable });
  }

  #stop(isOver: (timer: Timer) => boolean): void {
    if (this.#running.length === 0) return;
    for (const { timer, stop } of this.#running) if (isOver(timer)) stop();
    this.#running = this.#running.filter(({ timer }) => !isOver(timer));
  }
}
