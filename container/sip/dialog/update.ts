import { randomInt } from 'node:crypto';
import {
  Dialog,
  type IncomingRequest,
  type IncomingRequestMessage,
  NonInviteServerTransaction,
  type SessionDialog,
  TransactionState,
  UserAgentServer,
} from 'sip.js/lib/core/index.js';
import { refreshTarget } from './target.js';

/** sip.js has no class for UPDATE: it is a request as any other than INVITE. */
class UpdateServer extends UserAgentServer {
  constructor(dialog: SessionDialog, request: IncomingRequestMessage) {
    super(NonInviteServerTransaction, dialog.userAgentCore, request);
  }

  get isAnswered(): boolean {
    return this.transaction.state !== TransactionState.Trying;
  }
}

/** Shows the UPDATEs of a confirmed dialog (RFC 3311). An offer that meets another one is refused as section 5.2 says. */
export function takeUpdates(dialog: SessionDialog, show: (update: IncomingRequest) => void): void {
  const receiveOther = dialog.receiveRequest.bind(dialog);
  let latest: UpdateServer | undefined;

  dialog.receiveRequest = (request) => {
    if (request.method !== 'UPDATE') return receiveOther(request);
    if (!dialog['sequenceGuard'](request)) return;
    Dialog.prototype.receiveRequest.call(dialog, request);
    const update = new UpdateServer(dialog, request);
    const isOffer = request.body !== '';
    if ((latest && !latest.isAnswered) || (isOffer && dialog.reinviteUserAgentServer)) {
      update.reject({ statusCode: 500, extraHeaders: [`Retry-After: ${randomInt(0, 11)}`] });
    } else if (isOffer && dialog.reinviteUserAgentClient) {
      update.reject({ statusCode: 491 });
    } else {
      latest = update;
      refreshTarget(dialog, request);
      show(update);
    }
  };
}
