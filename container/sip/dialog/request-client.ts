import type { ResponseMessage } from '../message/parser/received-message.js';
import type { SipResponse } from '../../../sdk/index.js';
import type { CallCore } from './call-core.js';
import type { DigestClient } from './digest.js';
import { retryAfterMs } from '../location/failover.js';
import { localResponse, responseView } from '../message/messages.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';

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
  const { core, digest, request, isInDialog, nextCseq, onResponse } = options;
  const failover = isInDialog ? core.routing.inDialog() : core.routing.toProxy();
  const authorization = digest.begin({ failover, isInDialog });
  attempt();

  function attempt(): void {
    authorization.authorize(request);
    core.send(request, failover, {
      receive,
      // Silence does not mean that the server is down: the telephone behind it may be the one that does not answer.
      onTimeout: () => onResponse(localResponse(request, 408)),
      onFailure: () => {
        if (failover.tryNext()) repeat();
        else onResponse(localResponse(request, 503));
      },
    });
  }

  function receive(response: ResponseMessage): void {
    const isProvisional = (response.statusCode ?? 0) < 200;
    if (isProvisional) authorization.hear(response);
    const isRepeated = mayRepeat(response);
    onResponse(responseView(response, !isProvisional && !isRepeated), response);
    if (isRepeated) repeat();
  }

  function mayRepeat(response: ResponseMessage): boolean {
    const { statusCode } = response;
    if (statusCode === 401 || statusCode === 407) return authorization.accept(response);
    return statusCode === 503 && failover.tryNext(retryAfterMs(response));
  }

  function repeat(): void {
    request.cseq = nextCseq();
    attempt();
  }
}
