import type { ResponseMessage } from '../message/parser/received-message.js';
import type { SipResponse } from '../../../sdk/index.js';
import type { CallCore } from './call-core.js';
import type { DigestClient } from './digest.js';
import { retryAfterMs } from '../location/journey.js';
import { localResponse, responseView } from '../message/messages.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';

export interface RequestAttempts {
  readonly core: CallCore;
  readonly digest: DigestClient;
  readonly request: OutgoingRequest;
  /** Whether its Request-URI and its route were named by the other side. */
  readonly isInDialog: boolean;
  /** The CSeq of the next attempt. */
  readonly nextCseq: () => number;
  /** `message`: the response as it came; undefined: nobody sent it. */
  readonly onResponse: (response: SipResponse, message?: ResponseMessage) => void;
}

/**
 * Sends a request other than INVITE, and again where it is challenged, or where a server cannot take it and there is another. Every
 * response is shown.
 */
export function sendInAttempts(attempts: RequestAttempts): void {
  const { core, digest, request, isInDialog, nextCseq, onResponse } = attempts;
  const journey = isInDialog ? core.journeys.inDialog() : core.journeys.toProxy();
  const authorization = digest.begin({ journey, isInDialog });
  attempt();

  function attempt(): void {
    authorization.authorize(request);
    core.send(request, journey, {
      receive,
      // Silence says nothing of the server: it may be the telephone behind it that does not answer.
      onTimeout: () => onResponse(localResponse(request, 408)),
      onFailure: () => {
        if (journey.goElsewhere()) repeat();
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
    return statusCode === 503 && journey.goElsewhere(retryAfterMs(response));
  }

  function repeat(): void {
    request.cseq = nextCseq();
    attempt();
  }
}
