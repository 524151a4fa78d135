import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import createError from 'http-errors';
import type { Duty, DutyHolder, InsideListener, Log, RecordOwner, SharedRecords } from '../../sdk/index.js';
import type { HealthCheck } from '../readiness.js';
import type { SharedLogins } from '../security/shared-logins.js';
import { messageOf } from '../message-of.js';
import { Asks } from './asks.js';
import { ClusterDuty } from './cluster-duty.js';
import { EventTail } from './event-tail.js';
import { ClusterLogins } from './logins.js';
import { Membership, type NodeAddress } from './membership.js';
import { nodeDoor } from './node-door.js';
import { NodeRecords } from './node-records.js';
import type { Pulse } from './pulse.js';
import { RedisLink, type Reply } from './redis-link.js';
import type { RedisAddress } from './redis-address.js';
import { loadScripts, keys, Store } from './store.js';

export interface ClusterOptions {
  readonly address: RedisAddress;
  readonly caFile: string | undefined;
  readonly self: Omit<NodeAddress, 'hasCalls'>;
  /** Shared with the SIP stack, which sends nothing while it is not open. */
  readonly pulse: Pulse;
  readonly log: Log;
}

/** This container as a node of a service: what it shares with the others by Redis, and what they ask each other. */
export class Cluster {
  readonly #link: RedisLink;
  readonly #tailLink: RedisLink;
  readonly #store: Store;
  readonly #asks: Asks;
  readonly #membership: Membership;
  readonly door: RequestListener;
  /** What all nodes know of those who log in. */
  readonly logins: SharedLogins;
  #records: NodeRecords | undefined;
  #owner: RecordOwner | undefined;
  #tail: EventTail | undefined;
  readonly #duties: ClusterDuty[] = [];
  #secret: string | undefined;
  /** Offset of Redis' clock from this process' monotonic clock. */
  #clockOffsetMs = Date.now() - performance.now();

  constructor(private readonly options: ClusterOptions) {
    const { address, caFile, log, self, pulse } = options;
    const prepare = async (send: (command: readonly string[]) => Promise<Reply>): Promise<void> => this.#prepare(send);
    this.#link = new RedisLink({ address, caFile, log, prepare });
    this.#tailLink = new RedisLink({ address, caFile, log });
    this.#store = new Store(this.#link, log);
    const shared = { self: self.name, secret: () => this.#secret, nowMs: () => this.nowMs };
    this.logins = new ClusterLogins(this.#store, shared);
    this.#asks = new Asks({ ...shared, log });
    this.#membership = new Membership({
      self,
      hasCalls: () => this.#records !== undefined,
      link: this.#link,
      store: this.#store,
      pulse,
      log,
      answers: async (node) => this.#asks.isAnswering(node),
      onRenewed: () => this.#records?.resume(),
      onJoined: (before) => void this.#joined(before),
      onRewrite: () => this.#records?.rewrite(),
      onFenced: () => this.#records?.letGoAll(),
      onDead: async (name, fence) => this.#records?.takeOver(name, fence),
    });
    this.door = nodeDoor({ ...shared, answer: async (question, data) => this.#answer(question, data) });
    this.#link.on('up', () => this.#records?.rewrite());
    this.#link.on('down', () => this.#tailLink.reset('the other connection is away'));
  }

  /** Connects as soon as Redis is available; waits for one attempt only. */
  async open(): Promise<void> {
    await Promise.all([this.#link.open(), this.#tailLink.open()]);
  }

  /** Becomes one of the nodes, once the container is ready for requests. */
  join(): void {
    this.#membership.join();
    this.#tail?.start();
    for (const duty of this.#duties) duty.start();
  }

  /** The clock that all nodes share, in milliseconds since the epoch. */
  get nowMs(): number {
    return performance.now() + this.#clockOffsetMs;
  }

  /** The listeners of the nodes that have calls. */
  get callNodes(): InsideListener[] {
    const nodes = this.#membership.nodes.filter(({ hasCalls }) => hasCalls);
    return nodes.map(({ url, certificate }) => ({ url, ...(certificate !== '' && { certificate }) }));
  }

  /** See `Sdk`. @throws Error if somebody shares records already */
  share(owner: RecordOwner): SharedRecords {
    if (this.#records) throw new Error('another plugin shares its records already');
    const { log, self, pulse } = this.options;
    this.#owner = owner;
    this.#tail = new EventTail(this.#tailLink, (event) => owner.onEvent(event), log);
    this.#records = new NodeRecords({
      node: self.name,
      store: this.#store,
      membership: this.#membership,
      asks: this.#asks,
      pulse,
      owner,
      log,
    });
    return this.#records;
  }

  /** See `Sdk`. */
  duty(name: string, holder: DutyHolder): Duty {
    const duty = new ClusterDuty({
      name,
      holder,
      node: this.options.self.name,
      link: this.#link,
      store: this.#store,
      log: this.options.log,
    });
    this.#duties.push(duty);
    return duty;
  }

  /** What `/readyz` says of Redis. */
  check(): HealthCheck {
    const { problem } = this.#store;
    if (!this.options.pulse.isOpen)
      return { status: 'fail', output: 'stopped for too long, and not told yet which calls are left' };
    if (problem === undefined) return { status: 'pass' };
    const { records = 0, events = 0, dropped = 0 } = this.#records?.waiting ?? {};
    const lost = dropped > 0 ? `, ${dropped} events given up` : '';
    return { status: 'warn', output: `${problem}: ${records} records and ${events} events wait${lost}` };
  }

  /** Leaves, once no records are left that others would have to take over. */
  async close(): Promise<void> {
    await Promise.all(this.#duties.map(async (duty) => duty.release()));
    await this.#membership.leave();
    this.#records?.close();
    this.#link.close();
    this.#tailLink.close();
    await this.#asks.close();
  }

  /** On each new connection, before it is used. */
  async #prepare(send: (command: readonly string[]) => Promise<Reply>): Promise<void> {
    await loadScripts(send);
    await send(['SET', keys.secret, this.#secret ?? randomBytes(32).toString('base64url'), 'NX']);
    this.#secret = String(await send(['GET', keys.secret]));
    const [seconds, microseconds] = (await send(['TIME'])) as string[];
    this.#clockOffsetMs = Number(seconds) * 1_000 + Number(microseconds) / 1_000 - performance.now();
  }

  /** Takes back the records of an earlier run of this node that has just ended. */
  async #joined(before: string | undefined): Promise<void> {
    const { log, self } = this.options;
    try {
      if (before !== undefined) await this.#records?.takeOver(self.name, before);
      this.#records?.rewrite();
    } catch (error) {
      log.warn('Not all was taken back', { problem: messageOf(error) });
    }
  }

  async #answer(question: string, data: unknown): Promise<unknown> {
    if (!this.#owner) throw createError(503, 'This node has no calls', { expose: true });
    await this.options.pulse.whenOpen();
    return this.#owner.answer(question, data);
  }
}
