import { type IncomingResponseMessage, ReInviteUserAgentClient, type SessionDialog } from 'sip.js/lib/core/index.js';
import type { RequestOptions, SipResponse } from '../../sdk/index.js';
import type { CallCore } from './call-core.js';
import type { DigestClient } from './digest.js';
import type { Acknowledge } from './invite-client.js';
import { headerLines, localResponse, responseView, sipJsBody } from './messages.js';
import { refreshTarget } from './target.js';

export interface ReInviteListener {
  onResponse(response: SipResponse): void;
  /** A 2xx came; it is acknowledged through this. */
  onAccepted(acknowledge: Acknowledge): void;
}

/** sip.js's re-INVITE transaction; its challenges are answered here. */
class ReInviteClient extends ReInviteUserAgentClient {
  protected override authenticationGuard(): boolean {
    return true;
  }
}

/**
 * Sends a re-INVITE (RFC 3261 section 14). While another one is under way in either direction it is answered at once with a 491
 * of our own, as the other side would.
 */
export function sendReInvite(
  core: CallCore,
  dialog: SessionDialog,
  digest: DigestClient,
  options: RequestOptions,
  listener: ReInviteListener,
): void {
  const attempts = new Map<string, number>();
  const body = sipJsBody(options.body);
  if (dialog.reinviteUserAgentClient || dialog.reinviteUserAgentServer) {
    const { callId, localSequenceNumber: cseq = 0 } = dialog;
    queueMicrotask(() => listener.onResponse(localResponse({ method: 'INVITE', callId, cseq }, 491)));
  } else {
    attempt();
  }

  function attempt(): void {
    const credentials = digest.authorizationLines('INVITE', dialog.remoteTarget.toRaw());
    const extraHeaders = [`Contact: ${core.contact}`, ...headerLines(options.headers), ...credentials];
    const client = new ReInviteClient(
      dialog,
      {
        onTrying: ({ message }) => listener.onResponse(responseView(message, false)),
        onProgress: ({ message }) => listener.onResponse(responseView(message, false)),
        onAccept: (accepted) => {
          refreshTarget(dialog, accepted.message);
          listener.onAccepted((ackOptions) => accepted.ack({ ...ackOptions, extraHeaders: credentials }));
          listener.onResponse(responseView(accepted.message, true));
        },
        onRedirect: ({ message }) => listener.onResponse(responseView(message, true)),
        onReject: ({ message }) => reject(message),
      },
      { extraHeaders, body },
    );

    function reject(response: IncomingResponseMessage): void {
      const status = response.statusCode;
      const isLocal = !response.callId;
      if (isLocal) {
        listener.onResponse(localResponse(client.message, status === 408 ? 408 : 503));
      } else if ((status === 401 || status === 407) && digest.accept(response, attempts)) {
        listener.onResponse(responseView(response, false));
        attempt();
      } else {
        listener.onResponse(responseView(response, true));
      }
    }
  }
}
