import { type AnyTable, type TimerEvent, transition } from './table.js';
import { durationMs, type Timer, type TimerContext } from './timers.js';

/** A wait that a clock has begun, as `clearTimeout` takes it. */
type Wait = NodeJS.Timeout | number;

/** A timer of a transaction that is running. */
interface Running {
  readonly machine: { fire(timer: Timer): void };
  readonly timer: Timer;
  wait: Wait;
}

/** What the timers go by. It is handed the timer itself, since a closure for each would cost more than the timer. */
export interface Clock {
  /** Fires the timer once, after so many milliseconds. */
  start(ms: number, running: Running): Wait;
  stop(wait: Wait): void;
}

export const systemClock: Clock = {
  start: (ms, running) => setTimeout(fire, ms, running),
  stop: (wait) => clearTimeout(wait),
};

/** A timer has run out. */
export function fire({ machine, timer }: Running): void {
  machine.fire(timer);
}

export interface MachineOwner<Effect> {
  /** Performs an effect, which may step the machine again. */
  perform(effect: Effect): void;
  /** The transaction has terminated. Its last effects follow. */
  onTerminated(): void;
}

const NO_TIMERS: readonly Timer[] = [];
const NONE: readonly Running[] = [];

/** Runs the state table of a transaction: the only place that changes its state and its timers. */
export class Machine<State extends string, Event extends string, Effect> implements TimerContext {
  /** How often the retransmission timer has fired; no state has two of them. */
  fired = 0;
  isReliable: boolean | undefined;
  #running = NONE;

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

  get isProceeding(): boolean {
    return this.current === 'proceeding';
  }

  /** Whether a retransmission timer is running. */
  get isRetransmitting(): boolean {
    return this.#isRunning('A') || this.#isRunning('E') || this.#isRunning('G');
  }

  /** The message was sent, so its transport is known. */
  sent(isReliable: boolean): void {
    this.isReliable = isReliable;
    this.#arm();
  }

  /** Steps through the table. An event without an entry changes nothing. */
  step(event: Event | TimerEvent): void {
    const next = transition(this.table, this.current, event);
    if (!next) return;
    this.current = next.to;
    this.#stopAllBut(this.#timers);
    const atOnce = this.#arm();
    if (next.to === 'terminated') this.owner.onTerminated();
    for (const effect of next.effects) this.owner.perform(effect);
    if (atOnce && this.current === next.to) this.step(`timer ${atOnce}`);
  }

  fire(timer: Timer): void {
    this.#running = this.#running.filter((each) => each.timer !== timer);
    this.fired += 1;
    this.step(`timer ${timer}`);
  }

  /** Terminates the transaction at once, without telling anybody. */
  end(): void {
    this.#stopAllBut(NO_TIMERS);
  }

  get #timers(): readonly Timer[] {
    return this.table[this.current]?.timers ?? NO_TIMERS;
  }

  /** Starts the timers of the state that do not run yet. @returns one of zero, which fires when the step is done that has set it */
  #arm(): Timer | undefined {
    let atOnce: Timer | undefined;
    for (const timer of this.#timers) {
      const ms = this.#isRunning(timer) ? undefined : durationMs(timer, this);
      if (ms === 0) atOnce = timer;
      else if (ms !== undefined) this.#start(timer, ms);
    }
    return atOnce;
  }

  #start(timer: Timer, ms: number): void {
    const running: Running = { machine: this, timer, wait: 0 };
    running.wait = this.clock.start(ms, running);
    this.#running = this.#running.concat(running);
  }

  #isRunning(timer: Timer): boolean {
    for (const each of this.#running) if (each.timer === timer) return true;
    return false;
  }

  #stopAllBut(kept: readonly Timer[]): void {
    if (this.#running === NONE) return;
    for (const { timer, wait } of this.#running) if (!kept.includes(timer)) this.clock.stop(wait);
    this.#running = kept.length === 0 ? NONE : this.#running.filter(({ timer }) => kept.includes(timer));
  }
}
