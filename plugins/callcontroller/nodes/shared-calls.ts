import { Lifecycle, scoped } from 'tsyringe';
import {
  type CallEvent,
  type CallInfo,
  type CallSink,
  type Claim,
  type ForeignRecord,
  type OwnRecord,
  Sdk,
  type SharedEvent,
  type SharedRecords,
} from '../../../sdk/index.js';
import { usersOf, usersOfAgent } from '../call-key.js';
import { InviteCall } from '../invite/invite-call.js';
import type { InviteSnapshot } from '../invite/invite-snapshot.js';
import type { KeptCall } from '../kept-call.js';
import { callInfo } from '../model/call-info.js';
import { nodeName } from '../model/node-name.js';

/** How long an unchanged live call is kept: longer than any call lasts. */
const LIVE_KEPT_MS = 7 * 24 * 3_600_000;

/** The calls of this node, as they are shared. */
export interface OwnCalls {
  all(): Iterable<KeptCall>;
  byId(id: string): KeptCall | undefined;
  /** A call of a node that died is this node's now. */
  takeOver(call: ForeignCall, told: number): void;
  /** Another node has the call. */
  letGo(id: string): void;
}

/** A call that another node has, as it has written it last. */
export interface ForeignCall {
  readonly id: string;
  readonly owner: string;
  readonly isLive: boolean;
  readonly info: CallInfo;
  readonly sink: CallSink | undefined;
  /** What GET shows, where it is not to be asked of the owner. */
  readonly document: string | undefined;
  /** What a connected Invite call goes on from. */
  readonly snapshot: InviteSnapshot | undefined;
  /** Keys under which its node has it. */
  readonly keys: readonly string[];
}

type Answer = (data: unknown) => unknown;
type Listener = (event: CallEvent) => void;

/**
 * The calls of this service on all its nodes. Calls of this node are written with a delay; calls of other nodes are looked up, and their
 * nodes asked to act. Does nothing if the container is alone.
 */
@scoped(Lifecycle.ContainerScoped)
export class SharedCalls {
  readonly #records: SharedRecords | undefined;
  readonly #answers = new Map<string, Answer>();
  readonly #listeners = new Map<Listener, { readonly withPast: boolean }>();
  #calls: OwnCalls | undefined;

  constructor(private readonly sdk: Sdk) {
    this.#records = sdk.share({
      ids: () => this.#ids(),
      read: (id) => this.#read(id),
      answer: async (question, data) => this.#answer(question, data),
      onEvent: (event) => this.#onEvent(event),
      takeOver: (record) => this.#takeOver(record),
      letGo: (id) => this.#calls?.letGo(id),
    });
  }

  /** Undefined if the container is alone. */
  get records(): SharedRecords | undefined {
    return this.#records;
  }

  /** Whose calls are shared. */
  serve(calls: OwnCalls): void {
    this.#calls = calls;
  }

  /** What other nodes may ask. */
  answer(question: string, answer: Answer): void {
    this.#answers.set(question, answer);
  }

  changed(id: string): void {
    this.#records?.changed(id);
  }

  tell(id: string, event: CallEvent): void {
    this.#records?.tell(id, event.sequence, JSON.stringify(event));
  }

  /** @returns ends it */
  watch(onEvent: Listener, withPast: boolean): () => void {
    const listener: Listener = (event) => onEvent(event);
    this.#listeners.set(listener, { withPast });
    return () => this.#listeners.delete(listener);
  }

  /** See `SharedRecords`. */
  async whenAwake(): Promise<void> {
    await this.#records?.whenAwake();
  }

  /** See `SharedRecords`. */
  async whenWritten(id: string): Promise<void> {
    await this.#records?.whenWritten(id);
  }

  async claim(
    key: string,
    id: string,
    options: { readonly instead?: string; readonly counter: string },
  ): Promise<Claim | undefined> {
    return this.#records?.claim(key, id, options);
  }

  async find(id: string): Promise<ForeignCall | undefined> {
    return this.#foreign(await this.#records?.find(id));
  }

  async findByKey(key: string): Promise<ForeignCall | undefined> {
    return this.#foreign(await this.#records?.findByKey(key));
  }

  /** Calls of other nodes with lesser ids, newest first, as many as there are. */
  async *before(id: string | undefined): AsyncGenerator<ForeignCall> {
    const atOnce = 100;
    for (let cursor = id; ;) {
      const records = (await this.#records?.before(cursor, atOnce)) ?? [];
      for (const record of records) {
        const call = this.#foreign(record);
        if (call) yield call;
      }
      cursor = records.at(-1)?.id;
      if (records.length < atOnce) return;
    }
  }

  /** @throws what the other node throws; HttpError 503 if it cannot be asked */
  async ask(owner: string, question: string, data: unknown): Promise<unknown> {
    return this.#records?.ask(owner, question, data);
  }

  #ids(): string[] {
    return [...(this.#calls?.all() ?? [])].map(({ record }) => record.id);
  }

  #read(id: string): OwnRecord | undefined {
    const kept = this.#calls?.byId(id);
    if (!kept) return undefined;
    const { record } = kept;
    const { sink } = record.request.more ?? {};
    const isLive = !record.isFinal || kept.call?.hasEnded === false;
    // A call that is just ending does not know yet how long it is kept.
    const keptMs = Math.min(LIVE_KEPT_MS, Math.max(1_000, kept.keptUntilMs - performance.now()));
    // The document of an Invite call takes longer to write than all the rest, and the owner can be asked for it.
    const hasDocument = !isLive || !record.isInPath;
    return {
      keys: kept.keys.flatMap((key) => sharedKeys(key)),
      isLive,
      keptMs: isLive ? LIVE_KEPT_MS : keptMs,
      fields: {
        info: JSON.stringify(callInfo(record, nodeName(this.sdk.sip))),
        keys: JSON.stringify(kept.keys),
        ...(hasDocument && { document: kept.document() }),
        ...(sink && { sink: JSON.stringify(sink) }),
        ...snapshotOf(kept),
      },
    };
  }

  async #answer(question: string, data: unknown): Promise<unknown> {
    const answer = this.#answers.get(question);
    if (!answer) throw new Error(`nobody answers ${question}`);
    return answer(data);
  }

  #onEvent({ cursor, text, isPast }: SharedEvent): void {
    const listeners = [...this.#listeners].filter(([, { withPast }]) => withPast || !isPast);
    if (listeners.length === 0) return;
    const event = { ...(JSON.parse(text) as CallEvent), cursor };
    for (const [listener] of listeners) {
      try {
        listener(event);
      } catch (error) {
        this.sdk.log.error('A watcher of calls failed', { error });
      }
    }
  }

  /** Undefined for a call that this node has itself. */
  #foreign(record: ForeignRecord | undefined): ForeignCall | undefined {
    return record && !this.#calls?.byId(record.id) ? foreign(record) : undefined;
  }

  #takeOver(record: ForeignRecord): void {
    const call = foreign(record);
    if (call) this.#calls?.takeOver(call, record.told);
  }
}

/** The key under which a call between two users is found that an agent other than the calling user has placed. */
export function keyOfUsers(parties: Parameters<typeof usersOf>[0]): string {
  return `* ${usersOf(parties)}`;
}

/** While a change is under way, the snapshot from before it stays valid. */
function snapshotOf({ call }: KeptCall): { readonly snapshot?: string } {
  const snapshot = call instanceof InviteCall ? call.snapshot() : undefined;
  return snapshot ? { snapshot: JSON.stringify(snapshot) } : {};
}

function sharedKeys(key: string): string[] {
  const users = usersOfAgent(key);
  return users === undefined ? [key] : [key, `* ${users}`];
}

function foreign(record: ForeignRecord): ForeignCall | undefined {
  const { info, document, sink, snapshot, keys = '[]' } = record.fields;
  if (info === undefined) return undefined;
  const { id, owner, isLive } = record;
  return {
    id,
    owner,
    isLive,
    info: JSON.parse(info) as CallInfo,
    sink: sink === undefined ? undefined : (JSON.parse(sink) as CallSink),
    document,
    snapshot: snapshot === undefined ? undefined : (JSON.parse(snapshot) as InviteSnapshot),
    keys: JSON.parse(keys) as string[],
  };
}
