import { targetName } from './resting.js';
import type { Retransmissions } from './retransmissions.js';
import { firstWaitMs } from './timers.js';
import type { Connection, Target, Way } from './transport.js';
import type { Ways } from './ways.js';

export interface RequestSender {
  /** @throws Error when it could not be handed over */
  sendRequest(request: string, target: Target): Promise<Way>;
  /** Whether the target's system says that nobody listens there. */
  isClosed(target: Target): Promise<boolean>;
  /** A request did not go out: its server was not found, or could not be reached. */
  onUnsent(request: string, error: Error): void;
}

interface Pending {
  readonly request: string;
  readonly branch: string;
  readonly settle: (error?: Error) => void;
  /** Where it went: it goes there again. */
  target: Target | undefined;
  /** Since the last answer to it. */
  isSentAgain: boolean;
  /** Takes the wish back to be told of the connection's loss. */
  forget: () => void;
}

/**
 * The requests of one call that wait for their final response: over UDP they are sent again in intervals; on a connection once
 * more when it is lost, because nobody can tell whether they have arrived.
 */
export class ClientRequests {
  readonly #pending = new Map<string, Pending>();

  constructor(
    private readonly sender: RequestSender,
    private readonly ways: Ways,
    private readonly retransmissions: Retransmissions,
    private readonly onConnection: (connection: Connection | undefined) => void,
  ) {}

  /**
   * Sends a request.
   * @returns `sent` settles when it was handed over; `answered` when it was answered with a final response, or rejects when it
   *   can no longer be, because it could not be sent, or its connection was lost and there is no other
   */
  send(request: string): { readonly sent: Promise<void>; readonly answered: Promise<void> } {
    const method = request.slice(0, request.indexOf(' '));
    const branch = /\r\nVia: [^\r]*?;branch=([^;\s]+)/.exec(request)?.[1] ?? '';
    if (method === 'ACK') {
      // Where it is lost, the response comes again, and with it the ACK.
      const sent = this.#sendOnce(branch, request).catch(ignore);
      return { sent, answered: sent };
    }
    const key = keyOf(branch, method);
    const answered = new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => (error ? reject(error) : resolve());
      this.#pending.set(key, { request, settle, branch, target: undefined, isSentAgain: false, forget: ignore });
    });
    const sent = this.#deliver(key);
    sent.catch((error: Error) => this.#end(key, error));
    return { sent, answered };
  }

  /** A response has come. */
  receive(branch: string, method: string, isFinal: boolean): void {
    const key = keyOf(branch, method);
    const pending = this.#pending.get(key);
    if (isFinal) this.#end(key);
    else if (method === 'INVITE') this.retransmissions.stop(key);
    else this.retransmissions.slowDown(key);
    if (pending) pending.isSentAgain = false;
  }

  /** The request is not sent again any more, though it may still be answered. */
  stopSending(branch: string, method: string): void {
    const key = keyOf(branch, method);
    this.retransmissions.stop(key);
    this.#pending.get(key)?.forget();
  }

  /** Forgets all of them. */
  clear(): void {
    for (const { forget } of this.#pending.values()) forget();
    this.#pending.clear();
  }

  async #sendOnce(branch: string, request: string): Promise<void> {
    const way = await this.#post(branch, request, undefined, () => true);
    this.onConnection(way?.connection);
  }

  /** @param isWanted asked when the server was found @returns undefined where it is not wanted any more */
  async #post(
    branch: string,
    request: string,
    known: Target | undefined,
    isWanted: () => boolean,
  ): Promise<Way | undefined> {
    try {
      const located = known ?? this.ways.target(branch, request);
      const target = located instanceof Promise ? await located : located;
      return isWanted() ? await this.sender.sendRequest(request, target) : undefined;
    } catch (error) {
      this.sender.onUnsent(request, error as Error);
      throw error;
    }
  }

  async #deliver(key: string): Promise<void> {
    const pending = this.#pending.get(key);
    if (!pending) return;
    const { request, branch } = pending;
    const way = await this.#post(branch, request, pending.target, () => this.#pending.get(key) === pending);
    if (!way) return;
    const { target, connection } = way;
    this.onConnection(connection);
    if (request.startsWith('INVITE ')) this.ways.took(branch, target);
    if (this.#pending.get(key) !== pending) return; // answered meanwhile
    pending.target = target;
    if (connection) {
      pending.forget = connection.whenLost((error) => this.#sendAgain(key, pending, error));
    } else {
      const growth = request.startsWith('INVITE ') ? 'unlimited' : 'upToT2';
      this.retransmissions.start(key, () => void this.sender.sendRequest(request, target).catch(ignore), growth);
      if (this.ways.hasOther(branch)) pending.forget = this.#watch(key, pending, target);
    }
  }

  /**
   * An ICMP error is a failure like that of a connection (RFC 3261 section 18.4). With a single server it is not asked for: that may
   * just be starting again, and gets its copies.
   */
  #watch(key: string, pending: Pending, target: Target): () => void {
    const isUnanswered = (): boolean => this.#pending.get(key) === pending && this.retransmissions.has(key);
    const ask = async (): Promise<void> => {
      if (!isUnanswered() || !(await this.sender.isClosed(target)) || !isUnanswered()) return;
      const error = new Error(`Nobody listens at ${targetName(target)}`);
      this.sender.onUnsent(pending.request, error);
      this.#end(key, error);
    };
    const timer = setTimeout(() => void ask(), firstWaitMs());
    return () => clearTimeout(timer);
  }

  #sendAgain(key: string, pending: Pending, error: Error): void {
    if (pending.isSentAgain) return this.#end(key, error);
    pending.isSentAgain = true;
    this.#deliver(key).catch((failure: Error) => this.#end(key, failure));
  }

  #end(key: string, error?: Error): void {
    const pending = this.#pending.get(key);
    this.retransmissions.stop(key);
    this.#pending.delete(key);
    pending?.forget();
    pending?.settle(error);
  }
}

function keyOf(branch: string, method: string): string {
  return `${branch} ${method}`;
}

function ignore(): void {
  // nothing depends on it
}
