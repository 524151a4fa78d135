import createError from 'http-errors';
import type { SendGate } from '../sip/transport/send-gate.js';
import { inTime } from './redis-link.js';

/** A node that is silent for longer may be dead. */
export const LEASE_MS = 6_000;
const BEAT_MS = 500;
/**
 * A process that did not run for longer was stopped. That and the interval at which leases are renewed are shorter than the lease, so one
 * that stood still for less has its lease.
 */
const GAP_MS = 3_000;
/** Most messages that wait; further ones are lost, as the network may lose them. */
const MAX_HELD = 10_000;
/** How long a request waits for the answer of Redis. */
const PATIENCE_MS = 2_000;

/**
 * Tells whether this process may act for its calls. One that was stopped for longer than its lease may have lost them to other nodes, and
 * what runs first when it goes on may be any timer or socket. What it sends is held back until Redis has said whose the calls are.
 */
export class Pulse implements SendGate {
  /** On this process' clock. Infinite before the node has joined and after it has left: then it has nothing to lose. */
  #leaseEndsAtMs = Infinity;
  #beatAtMs: number;
  #isHeld = false;
  #held: (() => void)[] = [];
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param clock in milliseconds; it must go on while the process is stopped */
  constructor(private readonly clock: () => number = () => performance.now()) {
    this.#beatAtMs = clock();
  }

  get isOpen(): boolean {
    if (this.#isHeld) return false;
    const nowMs = this.clock();
    if (nowMs < this.#leaseEndsAtMs || nowMs - this.#beatAtMs < GAP_MS) return true;
    this.#isHeld = true;
    return false;
  }

  hold(send: () => void): void {
    if (this.#held.length < MAX_HELD) this.#held.push(send);
  }

  /** Settles when this node may act, at once in general. @throws HttpError 503 when that is not known within 2 seconds */
  async whenOpen(): Promise<void> {
    if (this.isOpen) return;
    const opened = new Promise<void>((resolve) => this.#waiting.push(resolve));
    await inTime(opened, PATIENCE_MS).catch(() => undefined);
    if (this.isOpen) return;
    const text = 'This node was stopped, and does not know yet which calls it still has';
    throw createError(503, text, { expose: true, headers: { 'Retry-After': '2' } });
  }

  /** The lease was renewed. @param sentAtMs when Redis was asked for that, by the same clock */
  renewed(sentAtMs: number): void {
    this.#timer ??= setInterval(() => this.#beat(), BEAT_MS);
    const leaseEndsAtMs = sentAtMs + LEASE_MS;
    // The answer may have waited while the process was stopped.
    if (this.clock() >= leaseEndsAtMs) return;
    this.#leaseEndsAtMs = leaseEndsAtMs;
    this.#release();
  }

  /** Other nodes have the calls: drops the waiting messages. */
  lost(): void {
    this.#isHeld = true;
    this.#held = [];
  }

  /** The node has left the others. */
  stop(): void {
    clearInterval(this.#timer);
    this.#leaseEndsAtMs = Infinity;
    this.#release();
  }

  #beat(): void {
    if (this.isOpen) this.#beatAtMs = this.clock();
  }

  #release(): void {
    this.#isHeld = false;
    this.#beatAtMs = this.clock();
    for (const send of this.#held.splice(0)) send();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
