import { TransactionState, type UserAgentServer } from 'sip.js/lib/core/index.js';
import { LazyMap } from '../message/lazy-map.js';
import { Retransmission } from './retransmission.js';

/** INVITEs of a call that were refused over UDP: the refusal is sent until its ACK comes, Timer G of RFC 3261 section 17.2.1. */
export class RefusedInvites {
  readonly #refusals = new LazyMap<string, Retransmission>();

  /** How many refusals are still sent. */
  get running(): number {
    return [...this.#refusals.values()].filter(({ isRunning }) => isRunning).length;
  }

  /** @param transaction keeps its intervals when the INVITE comes again and is refused again in between */
  start(transaction: string, send: () => void): void {
    if (!this.#refusals.has(transaction)) this.#refusals.set(transaction, new Retransmission(send, 'upToT2'));
  }

  stop(transaction: string): void {
    this.#refusals.get(transaction)?.stop();
    this.#refusals.delete(transaction);
  }

  stopAll(): void {
    for (const refusal of this.#refusals.values()) refusal.stop();
    this.#refusals.clear();
  }
}

/** The transaction of the INVITE that a response refuses. */
export function refusedBy(response: string, servers: ReadonlyMap<string, UserAgentServer>): string | undefined {
  if (/^SIP\/2\.0 [12]/.test(response)) return undefined;
  const via = /\r\nVia: ([^\r]+)/.exec(response)?.[1];
  for (const [id, { transaction }] of servers) {
    const isRefused = transaction.kind === 'ist' && transaction.state === TransactionState.Completed;
    if (isRefused && transaction.request.getHeader('Via') === via) return id;
  }
  return undefined;
}
