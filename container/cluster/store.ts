import type { Log } from '../../sdk/index.js';
import { messageOf } from '../message-of.js';
import { inTime, RedisAway, type RedisLink, type Reply } from './redis-link.js';
import { type Script, SCRIPTS } from './scripts.js';

/** All keys begin with this. */
const PREFIX = 'sipxrest:';
/** How long a look-up may take; after that the node relies on its own data. */
export const LOOK_UP_MS = 250;

/** The names of what is kept in Redis: docs/cluster.md lists them. */
export const keys = {
  secret: `${PREFIX}secret`,
  nodes: `${PREFIX}nodes`,
  node: (name: string) => `${PREFIX}node:${name}`,
  lease: (name: string) => `${PREFIX}lease:${name}`,
  owned: (name: string) => `${PREFIX}owned:${name}`,
  recordPrefix: `${PREFIX}call:`,
  record: (id: string) => `${PREFIX}call:${id}`,
  ids: `${PREFIX}calls`,
  keyPrefix: `${PREFIX}key:`,
  key: (key: string) => `${PREFIX}key:${key}`,
  events: `${PREFIX}events`,
  rate: (counter: string) => `${PREFIX}rate:${counter}`,
  once: (name: string) => `${PREFIX}once:${name}`,
  duty: (name: string) => `${PREFIX}duty:${name}`,
  dutyTerm: (name: string) => `${PREFIX}duty-term:${name}`,
  dutyState: (name: string) => `${PREFIX}duty-state:${name}`,
  guess: (key: string) => `${PREFIX}guess:${key}`,
  nonce: (nonce: string) => `${PREFIX}nonce:${nonce}`,
} as const;

/** Redis, as the parts of the cluster use it. */
export class Store {
  #isSlow = false;

  constructor(
    private readonly link: RedisLink,
    private readonly log: Log,
  ) {}

  /** Whether a request is worth trying. */
  get isUp(): boolean {
    return this.link.isUp && !this.#isSlow;
  }

  /** The problem; undefined if there is none. */
  get problem(): string | undefined {
    if (!this.link.isUp) return this.link.problem;
    return this.#isSlow ? 'slow to answer' : undefined;
  }

  /** @throws RedisAway, or the server's own error */
  send(...command: readonly string[]): Promise<Reply> {
    return this.link.send(command);
  }

  /** @throws as `send` */
  async run(script: Script, scriptKeys: readonly string[], values: readonly (string | number)[]): Promise<Reply> {
    try {
      return await this.send('EVALSHA', script.sha, String(scriptKeys.length), ...scriptKeys, ...values.map(String));
    } catch (error) {
      // Redis was flushed, and no longer knows this node either.
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) this.link.reset(error.message);
      throw error;
    }
  }

  /** Asks Redis if it is up, with a short time-out. Undefined if it is away or slow. */
  async lookUp<T>(ask: () => Promise<T>): Promise<T | undefined> {
    if (!this.isUp) return undefined;
    const asked = ask();
    try {
      return await inTime(asked, LOOK_UP_MS);
    } catch (error) {
      if (!(error instanceof RedisAway)) this.log.error('Redis refused a look-up', { problem: messageOf(error) });
      // No other look-up waits until this one is answered late, or the lease is renewed again.
      this.#isSlow = true;
      asked.then(
        () => this.answered(),
        () => undefined,
      );
      return undefined;
    }
  }

  /** Redis has answered in time. */
  answered(): void {
    this.#isSlow = false;
  }
}

/** Prepares every new connection. */
export async function loadScripts(send: (command: readonly string[]) => Promise<Reply>): Promise<void> {
  for (const { text } of SCRIPTS) await inTime(send(['SCRIPT', 'LOAD', text]));
}

/** Names and values of a hash, or of the fields of a stream's entry. */
export function pairs(reply: Reply): Map<string, string> {
  const list = Array.isArray(reply) ? reply : [];
  const found = new Map<string, string>();
  for (let index = 0; index + 1 < list.length; index += 2) found.set(String(list[index]), String(list[index + 1]));
  return found;
}
