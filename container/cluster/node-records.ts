import createError from 'http-errors';
import type { Claim, ForeignRecord, Log, RecordOwner, SharedRecords } from '../../sdk/index.js';
import { messageOf } from '../message-of.js';
import type { Asks } from './asks.js';
import type { Membership } from './membership.js';
import type { Pulse } from './pulse.js';
import { inTime, RedisAway, type Reply } from './redis-link.js';
import { CLAIM, PRUNE, RESERVE, TAKE_OVER } from './scripts.js';
import { keys, pairs, type Store } from './store.js';
import { WriteBehind } from './write-behind.js';

/** How long a claim is valid until its record is written. */
const CLAIM_MS = 60_000;
/** How often ids of expired records are pruned, and how many are checked at a time. */
const PRUNE_MS = 2_000;
const PRUNE_AT_ONCE = 500;
/** How many records are taken over at a time. */
const TAKE_OVER_AT_ONCE = 50;
/** How long the shutdown waits for unwritten records. */
const FLUSH_MS = 2_000;

export interface NodeRecordsOptions {
  readonly node: string;
  readonly store: Store;
  readonly membership: Membership;
  readonly asks: Asks;
  readonly pulse: Pulse;
  readonly owner: RecordOwner;
  readonly log: Log;
}

/** The records of this node and of all others, in Redis. */
export class NodeRecords implements SharedRecords {
  readonly node: string;
  readonly #writes: WriteBehind;
  readonly #pruning: NodeJS.Timeout;
  #pruneFrom = '-';

  constructor(private readonly options: NodeRecordsOptions) {
    const { node, store, log, owner, membership } = options;
    this.node = node;
    this.#writes = new WriteBehind({
      node,
      store,
      log,
      fence: () => membership.fence,
      read: (id) => owner.read(id),
      onLost: (id) => this.#letGo(id),
    });
    this.#pruning = setInterval(() => void this.#prune(), PRUNE_MS).unref();
  }

  /** How much is not written yet. */
  get waiting(): WriteBehind['waiting'] {
    return this.#writes.waiting;
  }

  async claim(
    key: string,
    id: string,
    { instead = '', counter = '' }: { readonly instead?: string; readonly counter?: string } = {},
  ): Promise<Claim | undefined> {
    const values = [id, this.node, keys.recordPrefix, instead, CLAIM_MS];
    const { store } = this.options;
    const reply = await store.lookUp(() => store.run(CLAIM, [keys.key(key), keys.rate(counter)], values));
    if (!Array.isArray(reply)) return undefined;
    const [count, holder, owner] = reply;
    const isHeld = typeof holder === 'string' && typeof owner === 'string';
    return { count: Number(count), ...(isHeld && { holder: { id: holder, owner } }) };
  }

  changed(id: string): void {
    this.#writes.change(id);
  }

  async whenWritten(id: string): Promise<void> {
    await this.options.store.lookUp(async () => this.#writes.whenWritten(id));
  }

  tell(id: string, sequence: number, text: string): void {
    this.#writes.tell(id, sequence, text);
  }

  async find(id: string): Promise<ForeignRecord | undefined> {
    return recordOf(id, await this.#lookUp('HGETALL', keys.record(id)));
  }

  async findByKey(key: string): Promise<ForeignRecord | undefined> {
    const reply = await this.#lookUp('GET', keys.key(key));
    const [id] = typeof reply === 'string' ? reply.split(' ') : [];
    return id === undefined ? undefined : this.find(id);
  }

  async before(id: string | undefined, limit: number): Promise<readonly ForeignRecord[]> {
    const { store } = this.options;
    let from = id === undefined ? '+' : `(${id}`;
    const found: ForeignRecord[] = [];
    while (found.length < limit) {
      const ids = await store.lookUp(() =>
        store.send('ZRANGE', keys.ids, from, '-', 'BYLEX', 'REV', 'LIMIT', '0', String(limit)),
      );
      if (!Array.isArray(ids) || ids.length === 0) break;
      const names = ids.map(String);
      const records = await store.lookUp(async () =>
        Promise.all(names.map(async (each) => recordOf(each, await store.send('HGETALL', keys.record(each))))),
      );
      for (const record of records ?? []) if (record) found.push(record);
      if (names.length < limit) break;
      from = `(${names.at(-1)}`;
    }
    return found.slice(0, limit);
  }

  async ask(owner: string, question: string, data: unknown): Promise<unknown> {
    const { membership, asks, node: self } = this.options;
    // A call under this node's own name is one that an earlier run has left, and that nobody has taken over yet.
    const node = owner === self ? undefined : membership.node(owner);
    if (!node)
      throw createError(503, `The node of the call, ${owner}, is gone`, {
        expose: true,
        headers: { 'Retry-After': '5' },
      });
    return asks.ask(node, question, data);
  }

  async reserve(name: string, text: string, keptMs: number): Promise<string | undefined> {
    const { store } = this.options;
    const found = await store.lookUp(() => store.run(RESERVE, [keys.once(name)], [text, keptMs]));
    return typeof found === 'string' ? found : undefined;
  }

  settle(name: string, text: string | undefined, keptMs: number): void {
    const { store, log } = this.options;
    const key = keys.once(name);
    const command = text === undefined ? ['DEL', key] : ['SET', key, text, 'PX', String(keptMs)];
    store.send(...command).catch((error: unknown) => {
      if (!(error instanceof RedisAway)) log.error('Redis refused a reservation', { problem: messageOf(error) });
    });
  }

  /** Writing goes on after Redis was away, or slow. */
  resume(): void {
    this.#writes.resume();
  }

  /** Redis may have lost what was written. */
  rewrite(): void {
    this.#writes.rewrite(this.options.owner.ids());
  }

  async whenAwake(): Promise<void> {
    await this.options.pulse.whenOpen();
  }

  /** Other nodes have taken over this node's live records. */
  letGoAll(): void {
    const { owner } = this.options;
    const ids = [...owner.ids()].filter((id) => owner.read(id)?.isLive || this.#writes.isWaiting(id));
    this.#writes.forgetAll();
    for (const id of ids) this.#letGo(id);
  }

  /**
   * Takes over the live records of a run of a node that is no more. Several nodes do that side by side, and each record goes to one.
   * @throws RedisAway
   */
  async takeOver(dead: string, fence: string): Promise<void> {
    const ids = await this.options.store.send('SMEMBERS', keys.owned(dead));
    const left = (Array.isArray(ids) ? ids.map(String) : []).toSorted(() => Math.random() - 0.5);
    while (left.length > 0) {
      const batch = left.splice(0, TAKE_OVER_AT_ONCE);
      const records = await Promise.all(batch.map(async (id) => this.#take(id, dead, fence)));
      for (const record of records) {
        if (!record) continue;
        this.options.log.info('A call is taken over', { id: record.id, from: dead });
        this.options.owner.takeOver(record);
      }
    }
  }

  async flush(): Promise<void> {
    await inTime(this.#writes.idle(), FLUSH_MS).catch(() =>
      this.options.log.warn('Redis has not taken all', { ...this.#writes.waiting }),
    );
  }

  close(): void {
    clearInterval(this.#pruning);
    this.#writes.close();
  }

  /** Undefined where another node was faster. */
  async #take(id: string, dead: string, fence: string): Promise<ForeignRecord | undefined> {
    const { store, membership } = this.options;
    const scriptKeys = [keys.record(id), keys.owned(dead), keys.owned(this.node), keys.node(this.node)];
    const values = [id, dead, fence, this.node, membership.fence ?? ''];
    return recordOf(id, await store.run(TAKE_OVER, scriptKeys, values));
  }

  /** @throws HttpError 503 if Redis is away or slow */
  async #lookUp(...command: readonly string[]): Promise<Reply> {
    const { store } = this.options;
    const reply = await store.lookUp(() => store.send(...command));
    if (reply !== undefined) return reply;
    const text = 'Redis is away, and this node has no such call itself';
    throw createError(503, text, { expose: true, headers: { 'Retry-After': '2' } });
  }

  #letGo(id: string): void {
    this.options.log.warn('A call belongs to another node now', { id });
    this.options.owner.letGo(id);
  }

  async #prune(): Promise<void> {
    const { store } = this.options;
    const values = [keys.recordPrefix, this.#pruneFrom, PRUNE_AT_ONCE];
    this.#pruneFrom = String((await store.lookUp(() => store.run(PRUNE, [keys.ids], values))) ?? '-');
  }
}

function recordOf(id: string, reply: Reply): ForeignRecord | undefined {
  const found = pairs(reply);
  const owner = found.get('owner');
  if (owner === undefined) return undefined;
  const isLive = found.get('live') === '1';
  const told = Number(found.get('told') ?? 0);
  for (const name of ['owner', 'live', 'fence', 'told']) found.delete(name);
  return { id, owner, isLive, told, fields: Object.fromEntries(found) };
}
