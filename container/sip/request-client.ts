import {
  type IncomingResponseMessage,
  NonInviteClientTransaction,
  type OutgoingRequestMessage,
  UserAgentClient,
  type UserAgentCore,
} from 'sip.js/lib/core/index.js';

/** How one attempt at a request ends: with a response, or with none (408) or undeliverable (503). */
export interface ClientListener {
  onResponse(response: IncomingResponseMessage): void;
  onNoResponse(status: 408 | 503): void;
}

/** One client transaction of a request other than INVITE. Challenges are the caller's business: it makes a new client. */
export class RequestClient extends UserAgentClient {
  constructor(
    core: UserAgentCore,
    request: OutgoingRequestMessage,
    private readonly listener: ClientListener,
  ) {
    super(NonInviteClientTransaction, core, request);
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
