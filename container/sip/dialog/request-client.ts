import type { ResponseMessage } from '../message/parser/received-message.js';
import type { SipResponse } from '../../../sdk/index.js';
import type { CallCore } from './call-core.js';
import type { Authorization, DigestClient } from './digest.js';
import { type Failover, retryAfterMs } from '../location/failover.js';
import { localResponse, responseView } from '../message/messages.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import type { ClientUser } from '../transaction/client-transaction.js';

export interface NonInviteRequest {
  readonly core: CallCore;
  readonly digest: DigestClient;
  readonly request: OutgoingRequest;
  /** Whether the other side has named its Request-URI and its route. */
  readonly isInDialog: boolean;
  /** The CSeq of the next attempt. */
  readonly nextCseq: () => number;
  /** `message`: the response as received; undefined if the stack made it. */
  readonly onResponse: (response: SipResponse, message?: ResponseMessage) => void;
}

/**
 * Sends a request other than INVITE. Sends the request again if it is challenged, or if a server cannot take it and another is left
 * to try. Passes on every response.
 */
export function sendNonInvite(options: NonInviteRequest): void {
  new RequestClient(options).attempt();
}

class RequestClient implements ClientUser {
  readonly #failover: Failover;
  readonly #authorization: Authorization;

  constructor(private readonly options: NonInviteRequest) {
    const { core, digest, isInDialog } = options;
    this.#failover = isInDialog ? core.routing.inDialog() : core.routing.toProxy();
    this.#authorization = digest.begin({ failover: this.#failover, isInDialog });
  }

  attempt(): void {
    const { core, request } = this.options;
    this.#authorization.authorize(request);
    core.send(request, this.#failover, this);
  }

  receive(response: ResponseMessage): void {
    const isProvisional = response.statusCode < 200;
    if (isProvisional) this.#authorization.hear(response);
    const isRepeated = this.#mayRepeat(response);
    this.options.onResponse(responseView(response, !isProvisional && !isRepeated), response);
    if (isRepeated) this.#repeat();
  }

  /** Silence does not mean that the server is down: the telephone behind it may be the one that does not answer. */
  onTimeout(): void {
    this.#fail(408);
  }

  onFailure(): void {
    if (this.#failover.tryNext()) this.#repeat();
    else this.#fail(503);
  }

  #mayRepeat(response: ResponseMessage): boolean {
    const { statusCode } = response;
    if (statusCode === 401 || statusCode === 407) return this.#authorization.accept(response);
    return statusCode === 503 && this.#failover.tryNext(retryAfterMs(response));
  }

  #repeat(): void {
    const { request, nextCseq } = this.options;
    request.cseq = nextCseq();
    this.attempt();
  }

  #fail(status: 408 | 503): void {
    const { request, onResponse } = this.options;
    onResponse(localResponse(request, status));
  }
}
