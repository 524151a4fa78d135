import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../sdk/index.js';
import { messageOf } from '../message-of.js';
import { inTime, type RedisLink } from './redis-link.js';
import { LEASE_MS, type Pulse } from './pulse.js';
import { BURY, LEAVE, REGISTER, RENEW } from './scripts.js';
import { keys, pairs, type Store } from './store.js';

/** How often a lease is renewed, of a node or of a duty. */
export const RENEW_MS = 2_000;
/** How often a node checks the leases of the others. */
const WATCH_MS = 1_000;

/** How a node is reached. */
export interface NodeAddress {
  readonly name: string;
  /** Its listener inside the cluster. */
  readonly url: string;
  /** Its certificate there, in PEM; empty without TLS. */
  readonly certificate: string;
  /** Whether the call controller runs there. */
  readonly hasCalls: boolean;
}

export interface MembershipOptions {
  readonly self: Omit<NodeAddress, 'hasCalls'>;
  readonly hasCalls: () => boolean;
  readonly link: RedisLink;
  readonly store: Store;
  readonly pulse: Pulse;
  readonly log: Log;
  /** Whether a node whose lease has expired still answers. */
  readonly answers: (node: NodeAddress) => Promise<boolean>;
  /** This node has joined. @param before fence of its previous run, if Redis knows one */
  readonly onJoined: (before: string | undefined) => void;
  /** The lease is renewed. */
  readonly onRenewed: () => void;
  /** Redis has lost what was written, or may have. */
  readonly onRewrite: () => void;
  /** Others have taken this node's records over while it was silent. */
  readonly onFenced: () => void;
  /** A node is dead: its lease has expired, and it does not answer. @param fence of its run */
  readonly onDead: (name: string, fence: string) => Promise<void>;
}

/** This node's place among the others: its lease and fence, and whether the others live. */
export class Membership {
  #fence: string | undefined;
  #timers: NodeJS.Timeout[] = [];
  #isRenewing = false;
  #isWatching = false;
  #known: readonly NodeAddress[] = [];

  constructor(private readonly options: MembershipOptions) {
    options.link.on('up', () => void this.#renew());
  }

  /** Joins the others as soon as Redis is there. */
  join(): void {
    this.#timers = [setInterval(() => void this.#renew(), RENEW_MS), setInterval(() => void this.#watch(), WATCH_MS)];
    void this.#renew();
  }

  /** Undefined before this node has joined. */
  get fence(): string | undefined {
    return this.#fence;
  }

  /** The nodes that are known, this one among them: as Redis has them, or had them last. */
  get nodes(): readonly NodeAddress[] {
    return this.#known;
  }

  node(name: string): NodeAddress | undefined {
    return this.#known.find((node) => node.name === name);
  }

  /** Reads who the others are. @throws RedisAway */
  async refresh(): Promise<readonly NodeAddress[]> {
    const { store } = this.options;
    const names = await store.send('SMEMBERS', keys.nodes);
    const all = Array.isArray(names) ? names.map(String) : [];
    const found = await Promise.all(all.map(async (name) => this.#read(name)));
    this.#known = found.filter((node) => node !== undefined);
    return this.#known;
  }

  /** Leaves in order: nothing is left to be taken over. */
  async leave(): Promise<void> {
    this.#stop();
    const { store, self, log, pulse } = this.options;
    pulse.stop();
    if (this.#fence === undefined || !store.isUp) return;
    const leaving = store.run(LEAVE, this.#keys, [self.name, this.#fence]);
    await inTime(leaving).catch((error: unknown) => log.warn('Redis was not told', { problem: messageOf(error) }));
  }

  #stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  get #keys(): string[] {
    const { name } = this.options.self;
    return [keys.node(name), keys.lease(name), keys.nodes];
  }

  get #values(): (string | number)[] {
    const { name, url, certificate } = this.options.self;
    return [name, url, certificate, this.options.hasCalls() ? 1 : 0, LEASE_MS];
  }

  async #renew(): Promise<void> {
    const { link, store, pulse, log } = this.options;
    if (this.#isRenewing || !link.isUp || this.#timers.length === 0) return;
    this.#isRenewing = true;
    const sentAtMs = performance.now();
    try {
      await (this.#fence === undefined ? this.#join() : this.#renewLease(this.#fence));
      store.answered();
      pulse.renewed(sentAtMs);
    } catch (error) {
      log.debug('The lease was not renewed', { problem: messageOf(error) });
      link.reset(messageOf(error));
    } finally {
      this.#isRenewing = false;
    }
  }

  async #join(): Promise<void> {
    const { store, log, self, onJoined } = this.options;
    const reply = await inTime(store.run(REGISTER, this.#keys, this.#values));
    const [fence, before] = Array.isArray(reply) ? reply : [];
    this.#fence = String(fence);
    await inTime(this.refresh());
    log.info('Joined the cluster', { node: self.name, nodes: this.#known.length });
    onJoined(typeof before === 'string' && before !== '' ? before : undefined);
  }

  async #renewLease(fence: string): Promise<void> {
    const { store, pulse, log, self, onFenced, onRewrite } = this.options;
    const outcome = await inTime(store.run(RENEW, this.#keys, [...this.#values, fence]));
    if (outcome === 2) onRewrite();
    if (outcome !== 0) {
      this.options.onRenewed();
      return;
    }
    log.warn('Other nodes have taken this one for dead', { node: self.name });
    this.#fence = undefined;
    pulse.lost();
    onFenced();
    await this.#join();
  }

  /** Looks for nodes whose lease has expired, and asks them as a second check: a dead node does not answer either. */
  async #watch(): Promise<void> {
    const { store, log } = this.options;
    if (this.#isWatching || this.#fence === undefined || !store.isUp) return;
    this.#isWatching = true;
    try {
      const others = (await inTime(this.refresh())).filter(({ name }) => name !== this.options.self.name);
      await Promise.all(others.map(async (node) => this.#lookAfter(node)));
    } catch (error) {
      log.debug('The other nodes were not looked after', { problem: messageOf(error) });
    } finally {
      this.#isWatching = false;
    }
  }

  async #lookAfter(node: NodeAddress): Promise<void> {
    const { store, answers, onDead } = this.options;
    const leftMs = Math.max(0, Number(await store.send('PTTL', keys.lease(node.name))));
    if (leftMs > WATCH_MS) return;
    // The node is asked while the last of its lease runs out, so that no time is lost by that.
    const [isAnswering] = await Promise.all([answers(node), delay(leftMs)]);
    if (isAnswering) return;
    const state = pairs(await store.send('HGETALL', keys.node(node.name)));
    const fence = state.get('buried') ?? state.get('fence') ?? '';
    const isBuried = await store.run(BURY, [keys.node(node.name), keys.lease(node.name)], [fence]);
    if (isBuried !== 1) return;
    await onDead(node.name, fence);
    if ((await store.send('SCARD', keys.owned(node.name))) !== 0) return;
    await store.send('SREM', keys.nodes, node.name);
  }

  async #read(name: string): Promise<NodeAddress | undefined> {
    const found = pairs(await this.options.store.send('HGETALL', keys.node(name)));
    const url = found.get('url');
    if (url === undefined) return undefined;
    return { name, url, certificate: found.get('certificate') ?? '', hasCalls: found.get('calls') === '1' };
  }
}
