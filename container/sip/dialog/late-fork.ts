import type { ResponseMessage } from '../message/parser/received-message.js';
import type { CallCore } from './call-core.js';
import { clientDialogState } from './dialog.js';
import { sendInDialog } from './dialog-request.js';
import type { DigestClient } from './digest.js';
import { InviteDialog } from './invite-dialog.js';
import type { AcceptedInvite } from './lingering-state.js';
import type { SentAck } from './sent-acks.js';

/**
 * Ends the dialog of a telephone that answers a forked INVITE after the call has ended: ACK, then BYE (RFC 3261 section 13.2.2.4).
 *
 * @param core made for this, with the Call-ID and the tag of the call; released here
 * @returns the ACK, for copies of the answer
 */
export function endLateFork(
  core: CallCore,
  { requestUri, from, to, cseq, routeSet }: AcceptedInvite,
  digest: DigestClient,
  response: ResponseMessage,
): SentAck {
  const invite = core.makeOutgoingRequestMessage('INVITE', requestUri, from, to, { cseq, routeSet });
  const dialog = new InviteDialog(core, clientDialogState(invite, response), 'ours');
  const ack = core.acknowledge(dialog.createRequest('ACK', { cseq }));
  sendInDialog(core, dialog, digest, 'BYE', {}, () => undefined);
  dialog.dispose();
  core.release();
  return ack;
}
