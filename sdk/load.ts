/** How much a container takes on at most (`limits` in the configuration). */
export interface Limits {
  /** New calls in a second, of everybody and of one agent. */
  readonly callsPerSecond: number;
  readonly callsPerSecondPerAgent: number;
  /** Calls at a time whose parties are not connected yet. */
  readonly callsInSetup: number;
  /** Calls at a time that are connected, and in whose path the container stays. */
  readonly callsHeld: number;
  /** Calls of which something is kept, whether they are over or not. */
  readonly recordsKept: number;
  /** How late timers of the event loop may be, in milliseconds, before nothing new is begun. */
  readonly eventLoopDelayMs: number;
}

/** How much the container takes on, and whether it has time for more. */
export interface Load {
  /** The limits at present: SIGHUP changes them, so read them each time. */
  readonly limits: Limits;
  /** Whether the event loop is later than the limit allows: what goes on has to be finished before anything new is begun. */
  readonly isLate: boolean;
  /**
   * Tells the container when this plugin begins nothing new. SIP OPTIONS are answered with 503 as long as one of the plugins says
   * so, for proxies that look for another node then.
   */
  fullWhen(isFull: () => boolean): void;
  /** Tells the container how much of a limit is used at present. `/diagnostics` shows that beside the limit. */
  measure(limit: keyof Limits, used: () => number): void;
}
