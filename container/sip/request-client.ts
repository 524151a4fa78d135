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
 * A transaction that ends with its final response. sip.js would keep it for Timer K, and takes a 408 from the network for its own
 * time-out. A copy of the response finds no transaction then, and is dropped just so.
 */
class RequestTransaction extends NonInviteClientTransaction {
  override receiveResponse(response: IncomingResponseMessage): void {
    if ((response.statusCode ?? 0) < 200) return super.receiveResponse(response);
    this.setState(TransactionState.Terminated);
    this.user.receiveResponse?.(response);
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
