import {
  type IncomingResponseMessage,
  NonInviteClientTransaction,
  type OutgoingRequestMessage,
  TransactionState,
  UserAgentClient,
  type UserAgentCore,
} from 'sip.js/lib/core/index.js';

/** How one attempt at a request ends: with a response, or with none (408) or undeliverable (503). */
export interface ClientListener {
  onResponse(response: IncomingResponseMessage): void;
  onNoResponse(status: 408 | 503): void;
}

/**
 * sip.js takes a 408 from the network for its own time-out, and drops what the other side said. And it keeps the request and its
 * response for T4, which is most of what the garbage collector would have to copy of it.
 */
class RequestTransaction extends NonInviteClientTransaction {
  #response: IncomingResponseMessage | undefined;

  override receiveResponse(response: IncomingResponseMessage): void {
    this.#response = response;
    super.receiveResponse(response);
    this.#response = undefined;
    // Not after Timer K: a copy of the response finds no transaction, and is dropped just so.
    if (this.state === TransactionState.Completed) this['timerK']();
  }

  protected override onRequestTimeout(): void {
    if (this.#response) this.user.receiveResponse?.(this.#response);
    else super.onRequestTimeout();
  }
}

/** One client transaction of a request other than INVITE. Challenges are the caller's business: it makes a new client. */
export class RequestClient extends UserAgentClient {
  constructor(
    core: UserAgentCore,
    request: OutgoingRequestMessage,
    private readonly listener: ClientListener,
  ) {
    super(RequestTransaction, core, request);
  }

  protected override receiveResponse(response: IncomingResponseMessage): void {
    this.listener.onResponse(response);
  }

  protected override onRequestTimeout(): void {
    this.listener.onNoResponse(408);
  }

  protected override onTransportError(): void {
    this.listener.onNoResponse(503);
  }
}
