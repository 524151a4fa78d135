import type { HeldConnections } from '../transport/held-connections.js';
import { LazyMap } from '../message/lazy-map.js';
import type { OnFailure } from './outlet.js';
import { PendingRequest, type RequestOwner, type RequestSender } from './pending-request.js';
import type { RequestText } from '../location/request-text.js';
import type { Connection, Target } from '../transport/transport.js';
import type { Ways } from '../location/ways.js';

/** The requests of one call that are on their way. */
export class ClientRequests implements RequestOwner {
  readonly #pending = new LazyMap<string, PendingRequest>();
  /** The last one, unless it went well. */
  #last: PendingRequest | undefined;

  constructor(
    readonly sender: RequestSender,
    readonly ways: Ways,
    private readonly connections: HeldConnections,
  ) {}

  /** Settles as the sending of the last request did. */
  get sent(): Promise<void> {
    return this.#last?.sent ?? Promise.resolve();
  }

  get size(): number {
    return this.#pending.size;
  }

  get retransmissions(): number {
    let count = 0;
    for (const { isRetransmitted } of this.#pending.values()) if (isRetransmitted) count += 1;
    return count;
  }

  /**
   * Sends a request.
   * @param onFailure told that it can no longer be answered, because it could not be sent, or its connection was lost and there is
   *   no other; never of an ACK
   */
  send(message: RequestText, onFailure: OnFailure): void {
    if (message.method === 'ACK') {
      const fail = (error: Error): void => this.sender.onUnsent(message.text, error);
      this.ways.lead(message, (target) => this.#acknowledge(message, target), fail);
      return;
    }
    const request = new PendingRequest(message, this, onFailure);
    this.#pending.set(keyOf(message.branch, message.method), request);
    this.#last = request;
    request.send();
  }

  /** A response has come. */
  receive(branch: string, method: string, isFinal: boolean): void {
    const request = this.#pending.get(keyOf(branch, method));
    if (isFinal) request?.end();
    else request?.receiveProvisional();
  }

  onConnection(connection: Connection | undefined): void {
    this.connections.hold(connection);
  }

  /** The request is not sent again any more, though it may still be answered. */
  stopSending(branch: string, method: string): void {
    this.#pending.get(keyOf(branch, method))?.stopSending();
  }

  onEnd(request: PendingRequest, error: Error | undefined): void {
    const { branch, method } = request.message;
    this.#pending.delete(keyOf(branch, method));
    if (!error && this.#last === request) this.#last = undefined;
  }

  /** Forgets all of them. */
  clear(): void {
    for (const request of this.#pending.values()) request.stopSending();
    this.#pending.clear();
    this.#last = undefined;
  }

  /** Where it is lost, the response comes again, and with it the ACK. */
  #acknowledge({ text }: RequestText, target: Target): void {
    this.sender.sendRequest(text, target, {
      onSent: (_target, connection) => this.onConnection(connection),
      onUnsent: (error) => this.sender.onUnsent(text, error),
    });
  }
}

function keyOf(branch: string, method: string): string {
  return `${branch} ${method}`;
}
