import type { Log, SharedEvent } from '../../sdk/index.js';
import { messageOf } from '../message-of.js';
import { RedisAway, type RedisLink, type Reply } from './redis-link.js';
import { keys, pairs } from './store.js';

const AT_ONCE = 500;
/** How long Redis waits for a new event before it answers that there is none. */
const BLOCK_MS = 5_000;
/** Most records whose last event is remembered, so that an event written twice is reported once. */
const MAX_KNOWN = 20_000;
const BEGINNING = '0-0';

/** Reads the events of all nodes in their common order, over a connection of its own, because the read blocks. */
export class EventTail {
  #cursor = BEGINNING;
  #isReading = false;
  /** Cursor of the last event before this node began to read. */
  #pastUntil: string | undefined;
  readonly #told = new Map<string, number>();

  constructor(
    private readonly link: RedisLink,
    private readonly onEvent: (event: SharedEvent) => void,
    private readonly log: Log,
  ) {}

  /** Begins to read, as soon as the link is up. */
  start(): void {
    this.link.on('up', () => void this.#read());
    if (this.link.isUp) void this.#read();
  }

  /** Reads all that the log has, then what comes. */
  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      await this.#beginAnewWhereLost();
      while (this.link.isUp) this.#tell(await this.#next());
    } catch (error) {
      if (!(error instanceof RedisAway)) this.link.reset(messageOf(error));
    } finally {
      this.#isReading = false;
      if (this.link.isUp) setImmediate(() => void this.#read());
    }
  }

  /** A Redis that has lost its data may begin the log again with lower cursors, depending on its clock. */
  async #beginAnewWhereLost(): Promise<void> {
    const [last] = entriesOf(await this.link.send(['XREVRANGE', keys.events, '+', '-', 'COUNT', '1']));
    this.#pastUntil ??= last?.cursor ?? BEGINNING;
    if (this.#cursor === BEGINNING || !last || !isAfter(this.#cursor, last.cursor)) return;
    this.log.warn('The log of events begins anew', { cursor: last.cursor });
    this.#cursor = BEGINNING;
  }

  async #next(): Promise<readonly Entry[]> {
    const command = [
      'XREAD',
      'COUNT',
      String(AT_ONCE),
      'BLOCK',
      String(BLOCK_MS),
      'STREAMS',
      keys.events,
      this.#cursor,
    ];
    const streams = await this.link.send(command);
    const [stream] = Array.isArray(streams) ? streams : [];
    return Array.isArray(stream) ? entriesOf(stream[1] ?? null) : [];
  }

  #tell(entries: readonly Entry[]): void {
    for (const { cursor, id, sequence, text } of entries) {
      this.#cursor = cursor;
      if (sequence <= (this.#told.get(id) ?? 0)) continue;
      this.#remember(id, sequence);
      this.onEvent({ cursor, text, isPast: !isAfter(cursor, this.#pastUntil ?? BEGINNING) });
    }
  }

  #remember(id: string, sequence: number): void {
    this.#told.delete(id);
    this.#told.set(id, sequence);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_KNOWN && oldest !== undefined) this.#told.delete(oldest);
  }
}

interface Entry {
  readonly cursor: string;
  readonly id: string;
  readonly sequence: number;
  readonly text: string;
}

function entriesOf(reply: Reply): Entry[] {
  const entries = Array.isArray(reply) ? reply : [];
  return entries.map((entry) => {
    const [cursor, fields = null] = Array.isArray(entry) ? entry : [];
    const found = pairs(fields);
    return {
      cursor: String(cursor),
      id: found.get('id') ?? '',
      sequence: Number(found.get('sequence') ?? 0),
      text: found.get('text') ?? '',
    };
  });
}

/** Whether one cursor lies behind another. */
function isAfter(one: string, other: string): boolean {
  const [ms = 0, count = 0] = one.split('-').map(Number);
  const [otherMs = 0, otherCount = 0] = other.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && count > otherCount);
}
