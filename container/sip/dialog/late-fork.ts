import { Dialog, type IncomingResponseMessage, type OutgoingRequestMessage } from 'sip.js/lib/core/index.js';
import type { CallCore } from './call-core.js';
import { sendInDialog } from './dialog-request.js';
import type { DigestClient } from './digest.js';
import { randomHex } from '../message/identifiers.js';
import { addContact } from './invite-client.js';
import { NO_TAG } from '../message/party.js';
import type { AcceptedInvite } from './remains.js';

class ForkDialog extends Dialog {
  constructor(core: CallCore, invite: OutgoingRequestMessage, response: IncomingResponseMessage) {
    super(core, Dialog.initialDialogStateForUserAgentClient(invite, addContact(response, invite)));
  }
}

/**
 * Ends what a telephone began that answers a forked INVITE when the call is over already: ACK, then BYE (RFC 3261 section 13.2.2.4).
 *
 * @param core made for this, with the Call-ID and the tag of the call; it is released
 * @returns the ACK, for copies of the answer
 */
export function endLateFork(
  core: CallCore,
  { requestUri, from, to, cseq }: AcceptedInvite,
  digest: DigestClient,
  response: IncomingResponseMessage,
): string {
  const { callId, localTag: fromTag } = core;
  const invite = core.makeOutgoingRequestMessage('INVITE', requestUri, from, to, { callId, fromTag, cseq });
  response.toTag ||= NO_TAG;
  const dialog = new ForkDialog(core, invite, response);
  const ack = dialog.createOutgoingRequestMessage('ACK', { cseq });
  ack.setViaHeader(`z9hG4bK${randomHex(4)}`, core.transport.protocol);
  const text = ack.toString();
  void core.transport.send(text);
  sendInDialog(core, dialog, digest, 'BYE', {}, () => undefined);
  dialog.dispose();
  core.release();
  return text;
}
