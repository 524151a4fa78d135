/** A record of this node, as the other nodes see it. */
export interface OwnRecord {
  /** Names under which the record is found beside its id. */
  readonly keys: readonly string[];
  /** This node acts on what the record is about, and another node takes that over when this one dies. */
  readonly isLive: boolean;
  /** How long the record is kept if nothing changes any more, in milliseconds. */
  readonly keptMs: number;
  /** Texts by name. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A record as a node has written it last. */
export interface ForeignRecord {
  readonly id: string;
  /** Name of the node that the record belongs to. */
  readonly owner: string;
  readonly isLive: boolean;
  readonly fields: Readonly<Record<string, string>>;
  /** Sequence number of the last event that was told of the record; 0 if there was none. */
  readonly told: number;
}

/** What came of the attempt to take a key for a new record. */
export interface Claim {
  /** The live record that has the key, and its node. Undefined if the key now belongs to the new record. */
  readonly holder?: { readonly id: string; readonly owner: string };
  /** How many claims all nodes have made with the same counter within a second. */
  readonly count: number;
}

/** An event that a node has told all others. */
export interface SharedEvent {
  /** Place in the log that all nodes share: later events have greater cursors. */
  readonly cursor: string;
  readonly text: string;
  /** It was in the log already when this node began to read. */
  readonly isPast: boolean;
}

/** What a node does for the records that it shares. */
export interface RecordOwner {
  /** Ids of all records that this node has, written or not. */
  ids(): Iterable<string>;
  /** The record as it is now; undefined if this node does not have it any more. */
  read(id: string): OwnRecord | undefined;
  /** Answers what another node asks. What is thrown with a `status` is thrown at the asking node too. */
  answer(question: string, data: unknown): Promise<unknown>;
  /** Hears of every event of every node, this one included, in one order. */
  onEvent(event: SharedEvent): void;
  /** A live record of a node that died belongs to this node from now on. */
  takeOver(record: ForeignRecord): void;
  /** Another node has taken the record over while this one was silent: this node must not act on it any more. */
  letGo(id: string): void;
}

/**
 * Records that all nodes of a service see. The node that has made a record owns it: its memory is the truth, and what the others see is
 * written behind it. Nothing here delays the owner, and look-ups find nothing while the store is away.
 */
export interface SharedRecords {
  /** Name of this node: host and SIP port. */
  readonly node: string;
  /**
   * Settles when this node may act on its records, at once in general. One that was stopped for longer than others wait has to ask first
   * whether they have taken its records over.
   * @throws HttpError 503 if that is not known in time
   */
  whenAwake(): Promise<void>;
  /**
   * Takes a key for a new record, before anything is done for it. While the store is away every key is free.
   * @param options.instead id of the record whose key it was so far. `options.counter`: what claims are counted by
   */
  claim(
    key: string,
    id: string,
    options?: { readonly instead?: string; readonly counter?: string },
  ): Promise<Claim | undefined>;
  /** Tells that an own record has changed. The record is written soon. */
  changed(id: string): void;
  /**
   * Settles when the other nodes can see an own record as it is now, or that cannot be had in a moment. Whoever was told of a record by then
   * finds it, also when this node dies.
   */
  whenWritten(id: string): Promise<void>;
  /** Tells an event of an own record to all nodes, once. @param sequence 1 for the first event of the record, and one more for each */
  tell(id: string, sequence: number, text: string): void;
  /** The record of any node. @throws HttpError 503 while the store is away */
  find(id: string): Promise<ForeignRecord | undefined>;
  /** The record that is found under a key. @throws HttpError 503 while the store is away */
  findByKey(key: string): Promise<ForeignRecord | undefined>;
  /** Records of all nodes with ids below `id`, greatest first, at most so many. */
  before(id: string | undefined, limit: number): Promise<readonly ForeignRecord[]>;
  /**
   * Asks the node that owns a record.
   * @throws what its `answer` throws, or an HttpError 503 if it cannot be asked
   */
  ask(owner: string, question: string, data: unknown): Promise<unknown>;
  /** Keeps a text under a name for all nodes, unless there is one. @returns the text that was there */
  reserve(name: string, text: string, keptMs: number): Promise<string | undefined>;
  /** Settles when all that has changed is written, or cannot be written within 2 seconds: for the end of a plugin. */
  flush(): Promise<void>;
  /** Keeps another text under a name that this node has reserved; undefined frees the name. */
  settle(name: string, text: string | undefined, keptMs: number): void;
}
