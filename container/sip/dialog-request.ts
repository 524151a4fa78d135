import type { Dialog, IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import type { RequestOptions, SipResponse } from '../../sdk/index.js';
import type { CallCore } from './call-core.js';
import type { DigestClient } from './digest.js';
import { retryAfterMs } from './journey.js';
import { headerLines, isToken, localResponse, responseView, sipJsBody } from './messages.js';
import { RequestClient } from './request-client.js';
import { refreshTarget } from './target.js';

/** Requests that refresh the remote target, or must name it: they carry a Contact (RFC 3261 12.2.1.1, RFC 3515, RFC 6665). */
const WITH_CONTACT = new Set(['REFER', 'NOTIFY', 'SUBSCRIBE', 'UPDATE']);

/**
 * Sends a request other than INVITE in a dialog, answers its challenges, and shows every response.
 * @throws TypeError on a method or header that is none
 */
export function sendInDialog(
  core: CallCore,
  dialog: Dialog,
  digest: DigestClient,
  method: string,
  options: RequestOptions,
  onResponse: (response: SipResponse) => void,
): void {
  if (!isToken(method)) throw new TypeError(`${JSON.stringify(method)} is no SIP method`);
  const extraHeaders = headerLines(options.headers);
  if (WITH_CONTACT.has(method)) extraHeaders.push(`Contact: ${core.contact}`);
  const request = dialog.createOutgoingRequestMessage(method, { extraHeaders, body: sipJsBody(options.body) });
  const attempts = new Map<string, number>();
  const journey = core.newJourney();
  core.follow(request, journey);
  attempt();

  function attempt(): void {
    digest.authorize(request);
    new RequestClient(core, request, {
      onResponse: receive,
      onNoResponse: (status) => {
        // Silence says nothing of the server: it may be the telephone behind it that does not answer.
        if (status === 503 && journey.goElsewhere()) repeat();
        else onResponse(localResponse(request, status));
      },
    });
  }

  function receive(response: IncomingResponseMessage): void {
    const status = response.statusCode ?? 0;
    if (method === 'UPDATE' && status >= 200 && status < 300) refreshTarget(dialog, response);
    const isRepeated = mayRepeat(response);
    onResponse(responseView(response, status >= 200 && !isRepeated));
    if (isRepeated) repeat();
  }

  function mayRepeat(response: IncomingResponseMessage): boolean {
    const { statusCode } = response;
    if (statusCode === 401 || statusCode === 407) return digest.accept(response, attempts);
    return statusCode === 503 && journey.goElsewhere(retryAfterMs(response));
  }

  function repeat(): void {
    dialog.incrementLocalSequenceNumber();
    request.cseq = dialog.localSequenceNumber ?? request.cseq;
    request.setHeader('cseq', `${request.cseq} ${method}`);
    attempt();
  }
}
