import { hostPort } from '../message/host-port.js';
import type { Target } from '../transport/transport.js';

/** How long a server that failed is passed over, in milliseconds, unless its Retry-After says otherwise. */
const REST_MS = 30_000;
/** Bounds of what a server may ask for with Retry-After. */
const MIN_REST_MS = 1_000;
const MAX_REST_MS = 300_000;
const MAX_ENTRIES = 1_000;

/**
 * Servers that failed recently, so that not every call waits for them (RFC 3263 section 4.3). When the time of a server is over, a
 * single request finds out whether the server is back, while the others still pass it over.
 */
export class RestingTargets {
  readonly #untilMs = new Map<string, number>();

  /** @param now clock in milliseconds */
  constructor(private readonly now: () => number) {}

  rest(target: Target, restMs = REST_MS): void {
    const name = targetName(target);
    this.#untilMs.delete(name);
    this.#untilMs.set(name, this.now() + Math.min(Math.max(restMs, MIN_REST_MS), MAX_REST_MS));
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > MAX_ENTRIES && oldest !== undefined) this.#untilMs.delete(oldest);
  }

  /** The server has answered. */
  wake(target: Target): void {
    if (this.#untilMs.size > 0) this.#untilMs.delete(targetName(target));
  }

  /** Moves resting targets to the end; if all rest, they are tried all the same. */
  last(targets: readonly Target[]): readonly Target[] {
    if (this.#untilMs.size === 0 || targets.length < 2) return targets;
    const resting = targets.filter((each) => this.#rests(each));
    const ready = targets.filter((each) => !resting.includes(each));
    const [first] = ready;
    // This request finds out whether the server is back; the others pass it over for longer.
    if (first && this.#untilMs.has(targetName(first))) this.rest(first);
    return [...ready, ...resting];
  }

  #rests(target: Target): boolean {
    return (this.#untilMs.get(targetName(target)) ?? 0) > this.now();
  }
}

/** The name of a server by its address: one, however many host names lead there. */
export function targetName({ transport, address, port }: Target): string {
  return `${transport} ${hostPort(address, port)}`;
}
