export interface Transition<State, Effect> {
  readonly to: State;
  /** What is done on the way, in this order. */
  readonly effects: readonly Effect[];
}

/** A cell of a state table. `ignored`: may happen and changes nothing. `impossible`: cannot happen in this state. */
export type Cell<State, Effect> = Transition<State, Effect> | 'ignored' | 'impossible';

/** A call flow as data: no I/O, no clock. */
export type Table<State extends string, Event extends string, Effect> = Readonly<
  Record<State, Readonly<Record<Event, Cell<State, Effect>>>>
>;

/** A row in which every event is impossible, to be overlaid with the possible ones. */
export function impossible<Event extends string>(events: readonly Event[]): Record<Event, 'impossible'> {
  return Object.fromEntries(events.map((event) => [event, 'impossible'])) as Record<Event, 'impossible'>;
}

/**
 * One step of a call. An ignored event leaves the state as it is.
 * @throws Error on an event that cannot happen in this state
 */
export function transition<State extends string, Event extends string, Effect>(
  table: Table<State, Event, Effect>,
  state: State,
  event: Event,
): Transition<State, Effect> {
  const cell = table[state][event];
  if (cell === 'impossible') throw new Error(`Event ${event} cannot happen while the call is ${state}`);
  return cell === 'ignored' ? { to: state, effects: NO_EFFECTS } : cell;
}

const NO_EFFECTS: readonly never[] = [];

/** Steps through a state table. Events caused by effects are queued. */
export class StateMachine<State extends string, Event extends string, Effect> {
  /** Undefined if nothing waits: a used array keeps its room for the life of the call. */
  #waiting: Event[] | undefined;
  #isStepping = false;
  #isStopped = false;

  constructor(
    private readonly table: Table<State, Event, Effect>,
    private current: State,
    private readonly perform: (effect: Effect) => void,
    /** Called with each step, before its effects. */
    private readonly observe: (from: State, event: Event, to: State) => void,
  ) {}

  get state(): State {
    return this.current;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** From now on ignores every event. */
  stop(): void {
    this.#isStopped = true;
  }

  /** @throws Error on an event that cannot happen in this state; the state stays as it is */
  step(event: Event): void {
    if (this.#isStopped) return;
    const isNext = !this.#isStepping && !this.#waiting;
    if (!isNext) (this.#waiting ??= []).push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = isNext ? event : this.#shift(); next !== undefined; next = this.#shift()) {
        const { to, effects } = transition(this.table, this.current, next);
        const from = this.current;
        this.current = to;
        this.observe(from, next, to);
        for (const effect of effects) this.perform(effect);
      }
    } finally {
      this.#isStepping = false;
    }
  }

  #shift(): Event | undefined {
    const next = this.#waiting?.shift();
    if (next === undefined) this.#waiting = undefined;
    return next;
  }
}
