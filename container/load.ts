import type { Limits, Load } from '../sdk/index.js';

/** For plugins that are checked and not run: there is always room. */
export function idleLoad(limits: Limits): Load {
  return { limits, isLate: false, fullWhen: () => undefined, measure: () => undefined };
}

/** A limit, and how much of it is used. */
export interface LimitUse {
  readonly used: number;
  readonly limit: number;
}

/** How often the event loop is asked how late it is. */
const INTERVAL_MS = 100;

/** Measures how late the event loop is, and knows which plugins are full. */
export class ContainerLoad implements Load {
  readonly #fullWhen = new Set<() => boolean>();
  readonly #used = new Map<keyof Limits, () => number>();
  readonly #timer: NodeJS.Timeout;
  #dueAtMs: number;
  #lateTicks = 0;
  #lateMs = 0;

  constructor(
    public limits: Limits,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#dueAtMs = nowMs() + INTERVAL_MS;
    this.#timer = setInterval(() => this.#tick(), INTERVAL_MS).unref();
    this.measure('eventLoopDelayMs', () => Math.round(this.#lateMs));
  }

  /** Late once may be a garbage collection; twice in a row means that the loop does not keep up. */
  get isLate(): boolean {
    return this.#lateTicks >= 2;
  }

  /** Whether nothing new is begun at present. */
  get isFull(): boolean {
    if (this.isLate) return true;
    for (const isFull of this.#fullWhen) if (isFull()) return true;
    return false;
  }

  fullWhen(isFull: () => boolean): void {
    this.#fullWhen.add(isFull);
  }

  measure(limit: keyof Limits, used: () => number): void {
    this.#used.set(limit, used);
  }

  /** The limits whose use somebody measures. */
  get use(): Readonly<Partial<Record<keyof Limits, LimitUse>>> {
    return Object.fromEntries(
      [...this.#used].map(([name, used]) => [name, { used: used(), limit: this.limits[name] }] as const),
    );
  }

  close(): void {
    clearInterval(this.#timer);
    this.#fullWhen.clear();
    this.#used.clear();
  }

  #tick(): void {
    const nowMs = this.nowMs();
    this.#lateMs = Math.max(0, nowMs - this.#dueAtMs);
    this.#lateTicks = this.#lateMs > this.limits.eventLoopDelayMs ? this.#lateTicks + 1 : 0;
    this.#dueAtMs = nowMs + INTERVAL_MS;
  }
}
