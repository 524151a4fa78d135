import type { RequestOptions, SipResponse } from '../../../sdk/index.js';
import { sendNonInvite } from './request-client.js';
import type { CallCore } from './call-core.js';
import type { Dialog } from './dialog.js';
import type { DigestClient } from './digest.js';
import { headerLines, isToken, messageBody } from '../message/messages.js';

/**
 * Requests that carry a Contact, because they refresh the remote target or must name it (RFC 3261 section 12.2.1.1, RFC 3515, RFC 6665).
 */
const WITH_CONTACT = new Set(['REFER', 'NOTIFY', 'SUBSCRIBE', 'UPDATE']);
/** Requests whose 2xx refreshes the remote target (RFC 3311 section 5.1, RFC 6665 section 4.4.1). */
const REFRESHED_BY_ANSWER = new Set(['SUBSCRIBE', 'UPDATE']);

/**
 * Sends a request other than INVITE in a dialog, answers its challenges, and shows every response.
 * @throws TypeError on an invalid method or header field
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
  const request = dialog.createRequest(method, { extraHeaders, body: messageBody(options.body) });
  sendNonInvite({
    core,
    digest,
    request,
    isInDialog: true,
    nextCseq: () => dialog.nextCseq(),
    onResponse: (response, message) => {
      const isAccepted = response.status >= 200 && response.status < 300;
      if (message && isAccepted && REFRESHED_BY_ANSWER.has(method)) dialog.refreshTarget(message);
      onResponse(response);
    },
  });
}
