import {
  type IncomingResponseMessage,
  type OutgoingRequestMessage,
  TransactionState,
  UserAgentClient,
  type UserAgentCore,
} from 'sip.js/lib/core/index.js';
import { methodsOf } from '../message/parser/methods-of.js';
import { RequestTransaction } from './transactions.js';

/** How one attempt at a request ends: with a response, or with none (408) or undeliverable (503). */
export interface ClientListener {
  onResponse(response: IncomingResponseMessage): void;
  onNoResponse(status: 408 | 503): void;
}

/** One client transaction of a request other than INVITE. Challenges are the caller's business: it makes a new client. */
export class RequestClient extends methodsOf(UserAgentClient) {
  protected override readonly core: UserAgentCore;
  override readonly message: OutgoingRequestMessage;
  readonly #key: string;

  constructor(
    core: UserAgentCore,
    request: OutgoingRequestMessage,
    private readonly listener: ClientListener,
  ) {
    super();
    this.core = core;
    this.message = request;
    const transaction = new RequestTransaction(request, core.transport, this);
    this['_transaction'] = transaction;
    this.#key = transaction.id + request.method;
    core.userAgentClients.set(this.#key, this);
  }

  onStateChange(state: TransactionState): void {
    if (state !== TransactionState.Terminated) return;
    this.core.userAgentClients.delete(this.#key);
    this.dispose();
  }

  override receiveResponse(response: IncomingResponseMessage): void {
    this.listener.onResponse(response);
  }

  override onRequestTimeout(): void {
    this.listener.onNoResponse(408);
  }

  override onTransportError(): void {
    this.listener.onNoResponse(503);
  }
}
