import { randomUUID } from 'node:crypto';
import type { Duty, DutyHolder, Log } from '../../sdk/index.js';
import { messageOf } from '../message-of.js';
import { RENEW_MS } from './membership.js';
import { LEASE_MS } from './pulse.js';
import { inTime, RedisAway, type RedisLink, type Reply } from './redis-link.js';
import { HOLD_DUTY, RELEASE_DUTY, WRITE_DUTY } from './scripts.js';
import { keys, pairs, type Store } from './store.js';

/** How long reading the state of a duty may take, since the state can be large. */
const TAKE_TIMEOUT_MS = 10_000;

export interface ClusterDutyOptions {
  readonly name: string;
  readonly holder: DutyHolder;
  /** Name of this node. */
  readonly node: string;
  readonly link: RedisLink;
  readonly store: Store;
  readonly log: Log;
}

/**
 * A duty of this node or of another one. Its holder has a lease on it and a term that no other holder has. The term fences: a holder that
 * comes back late can write nothing.
 */
export class ClusterDuty implements Duty {
  /** Undefined while another node has the duty. */
  #term: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isHolding = false;

  constructor(private readonly options: ClusterDutyOptions) {}

  /** Takes the duty as soon as no other node has it, and keeps it. */
  start(): void {
    this.options.link.on('up', () => void this.#hold());
    this.#timer = setInterval(() => void this.#hold(), RENEW_MS);
    void this.#hold();
  }

  async write(changes: ReadonlyMap<string, string | undefined>): Promise<boolean> {
    const { name, store, log } = this.options;
    const term = this.#term;
    if (term === undefined || !store.isUp) return false;
    const values = [...changes].flatMap(([key, text]) => (text === undefined ? ['0', key, ''] : ['1', key, text]));
    try {
      return (await store.run(WRITE_DUTY, [keys.dutyTerm(name), keys.dutyState(name)], [term, ...values])) === 1;
    } catch (error) {
      if (!(error instanceof RedisAway)) log.error('Redis refused to keep a duty', { name, problem: messageOf(error) });
      return false;
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const { name, node, store, log } = this.options;
    const term = this.#term;
    this.#term = undefined;
    if (term === undefined || !store.isUp) return;
    const released = store.run(RELEASE_DUTY, [keys.duty(name), keys.dutyTerm(name)], [node, term]);
    await inTime(released).catch((error: unknown) => log.warn('Redis was not told', { problem: messageOf(error) }));
  }

  async #hold(): Promise<void> {
    const { name, link, log } = this.options;
    if (this.#isHolding || !link.isUp || this.#timer === undefined) return;
    this.#isHolding = true;
    try {
      await this.#askToHold();
    } catch (error) {
      log.debug('A duty was not asked for', { name, problem: messageOf(error) });
    } finally {
      this.#isHolding = false;
    }
  }

  async #askToHold(): Promise<void> {
    const { name, node, store } = this.options;
    const names = [keys.duty(name), keys.dutyTerm(name), keys.dutyState(name)];
    const values = [node, LEASE_MS, this.#term ?? '', randomUUID()];
    const reply = await inTime(store.run(HOLD_DUTY, names, values), TAKE_TIMEOUT_MS);
    const [outcome, term, state] = Array.isArray(reply) ? reply : [];
    // The plugin has ended meanwhile; the lease will expire.
    if (this.#timer === undefined) return;
    if (outcome === 'taken') this.#take(String(term), state ?? null);
    else if (outcome === 'forgotten') this.options.holder.onForgotten();
    else if (outcome === 'lost') this.#lose();
  }

  #take(term: string, state: Reply): void {
    const { name, holder, log } = this.options;
    if (this.#term !== undefined) this.#lose();
    this.#term = term;
    log.info('This node has the duty', { name });
    holder.onTaken(pairs(state));
  }

  #lose(): void {
    if (this.#term === undefined) return;
    this.#term = undefined;
    this.options.log.warn('Another node has the duty', { name: this.options.name });
    this.options.holder.onLost();
  }
}
