import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';
import type { Log } from '../../sdk/index.js';
import { messageOf } from '../message-of.js';
import type { RedisAddress } from './redis-address.js';

const CONNECT_TIMEOUT_MS = 1_500;
/** How long to wait before the next attempt to connect. */
const RETRY_MS = 500;

/** A reply as RESP 2 has it. */
export type Reply = string | number | null | Reply[];
type Client = ReturnType<typeof newClient>;
type Host = RedisAddress['hosts'][number];

export interface RedisLinkOptions {
  readonly address: RedisAddress;
  /** PEM file with the authorities that the server is checked against. */
  readonly caFile: string | undefined;
  readonly log: Log;
  /** Prepares a new connection before it counts as up. */
  readonly prepare?: (send: (command: readonly string[]) => Promise<Reply>) => Promise<void>;
}

/** Redis is not available at present. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway';
}

/**
 * A connection to Redis that reconnects by itself. While it is down, commands fail at once: callers keep what must be written later,
 * since they know its newest state. For each connection the Sentinels are asked for the server. Emits `up` and `down`.
 */
export class RedisLink extends EventEmitter<{ up: []; down: [] }> {
  #client: Client | undefined;
  #isClosed = false;
  readonly #closing = new AbortController();
  #problem = 'not connected yet';

  constructor(private readonly options: RedisLinkOptions) {
    super();
  }

  /** Connects, and goes on trying. @returns settles with the end of the first attempt */
  async open(): Promise<void> {
    if (!(await this.#connect())) void this.#reconnect();
  }

  get isUp(): boolean {
    return this.#client !== undefined;
  }

  /** Why the link is down. */
  get problem(): string {
    return this.#problem;
  }

  /** @throws RedisAway while the link is down, or when it goes down before the reply; the server's own error otherwise */
  async send(command: readonly string[]): Promise<Reply> {
    const client = this.#client;
    if (!client) throw new RedisAway(this.#problem);
    try {
      return await client.sendCommand<Reply>(command);
    } catch (error) {
      if (this.#client === client && client.isReady) throw error;
      throw new RedisAway(messageOf(error), { cause: error });
    }
  }

  /** Drops the connection and connects again. */
  reset(problem: string): void {
    const client = this.#client;
    if (!client) return;
    this.#client = undefined;
    this.#problem = problem;
    client.destroy();
    this.options.log.warn('Redis is away', { problem });
    this.emit('down');
    void this.#reconnect();
  }

  close(): void {
    this.#isClosed = true;
    this.#closing.abort();
    this.#client?.destroy();
    this.#client = undefined;
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closing;
    do await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    while (!this.#isClosed && !(await this.#connect()));
  }

  /** @returns whether the link is up */
  async #connect(): Promise<boolean> {
    let client: Client | undefined;
    try {
      client = await this.#ready(await this.#server());
      const ready = client;
      await this.options.prepare?.((command) => ready.sendCommand<Reply>(command));
      if (this.#isClosed || !ready.isReady) throw new Error('the connection was closed');
    } catch (error) {
      if (client?.isOpen) client.destroy();
      const problem = messageOf(error);
      if (problem !== this.#problem && !this.#isClosed) this.options.log.warn('Redis cannot be reached', { problem });
      this.#problem = problem;
      return false;
    }
    this.#client = client;
    client.on('error', (error: unknown) => {
      if (this.#client === client) this.reset(messageOf(error));
    });
    this.emit('up');
    return true;
  }

  /** The server itself, as the first Sentinel that answers knows it. */
  async #server(): Promise<Host> {
    const { hosts, sentinelName } = this.options.address;
    const [first] = hosts;
    if (sentinelName === undefined && first) return first;
    const problems: string[] = [];
    for (const host of hosts) {
      try {
        const found = await this.#askSentinel(host, sentinelName ?? '');
        if (found) return found;
        problems.push(`${host.host}:${host.port} does not know ${sentinelName}`);
      } catch (error) {
        problems.push(`${host.host}:${host.port}: ${messageOf(error)}`);
      }
    }
    throw new Error(`no Sentinel answered: ${problems.join(', ')}`);
  }

  async #askSentinel(sentinel: Host, name: string): Promise<Host | undefined> {
    const client = await open(newClient(this.options, sentinel, false));
    try {
      const reply = await inTime(client.sendCommand<Reply>(['SENTINEL', 'get-master-addr-by-name', name]));
      const [host, port] = Array.isArray(reply) ? reply : [];
      return typeof host === 'string' ? { host, port: Number(port) } : undefined;
    } finally {
      client.destroy();
    }
  }

  async #ready(host: Host): Promise<Client> {
    const client = await open(newClient(this.options, host, true));
    try {
      // A server that has just become a replica answers, but refuses writes.
      const [role] = (await inTime(client.sendCommand<Reply>(['ROLE']))) as Reply[];
      if (role !== 'master') throw new Error(`${host.host}:${host.port} is a ${String(role)}`);
      return client;
    } catch (error) {
      client.destroy();
      throw error;
    }
  }
}

function newClient({ address, caFile }: RedisLinkOptions, { host, port }: Host, isServer: boolean) {
  const common = { host, port, connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false } as const;
  const { isTls, userName, password, database } = address;
  return createClient({
    RESP: 2,
    socket: isTls ? { ...common, tls: true, ...(caFile !== undefined && { ca: readFileSync(caFile) }) } : common,
    ...(isServer && userName !== undefined && { username: userName }),
    ...(isServer && password !== undefined && { password }),
    ...(isServer && { database }),
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
}

async function open(client: Client): Promise<Client> {
  // Before anybody else listens: an error without a listener would end the process.
  client.on('error', () => undefined);
  try {
    await inTime(client.connect());
    return client;
  } catch (error) {
    if (client.isOpen) client.destroy();
    throw error;
  }
}

/** @throws Error when it takes longer than a connection may */
export async function inTime<T>(promise: Promise<T>, limitMs = CONNECT_TIMEOUT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const giveUp = (): void => reject(new RedisAway(`no answer within ${limitMs} ms`));
    // Where it is this process that is late, the answer may be there to be read, and is read before that.
    timer = setTimeout(() => setImmediate(giveUp), limitMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
