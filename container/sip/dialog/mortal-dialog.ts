import { ByeUserAgentServer, type SessionDialog } from 'sip.js/lib/core/index.js';

/**
 * Ends a dialog whose BYE is about to be sent, except that it goes on answering until that BYE is: a BYE that crosses ours gets
 * 200 (RFC 5407 section 2, the mortal state), everything else 481.
 *
 * @returns forgets the dialog
 */
export function answerCrossingBye(dialog: SessionDialog): () => void {
  const { userAgentCore: core } = dialog;
  dialog.dispose();
  core.dialogs.set(dialog.id, dialog);
  dialog.receiveRequest = (request) => {
    if (request.method === 'BYE') new ByeUserAgentServer(dialog, request).accept();
    else if (request.method !== 'ACK') core.replyStateless(request, { statusCode: 481 });
  };
  return () => dialog.dispose();
}
