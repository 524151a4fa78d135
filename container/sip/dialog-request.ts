import type { Dialog, IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import type { RequestOptions, SipResponse } from '../../sdk/index.js';
import type { CallCore } from './call-core.js';
import type { DigestClient } from './digest.js';
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
  attempt();

  function attempt(): void {
    digest.authorize(request);
    new RequestClient(core, request, {
      onResponse: receive,
      onNoResponse: (status) => onResponse(localResponse(request, status)),
    });
  }

  function receive(response: IncomingResponseMessage): void {
    const status = response.statusCode ?? 0;
    const challenged = status === 401 || status === 407;
    if (method === 'UPDATE' && status >= 200 && status < 300) refreshTarget(dialog, response);
    if (challenged && digest.accept(response, attempts)) {
      onResponse(responseView(response, false));
      dialog.incrementLocalSequenceNumber();
      request.cseq = dialog.localSequenceNumber ?? request.cseq;
      request.setHeader('cseq', `${request.cseq} ${method}`);
      attempt();
    } else {
      onResponse(responseView(response, status >= 200));
    }
  }
}
