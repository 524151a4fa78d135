import { type IncomingResponseMessage, ReInviteUserAgentClient, type SessionDialog } from 'sip.js/lib/core/index.js';
import type { RequestOptions, SipResponse } from '../../../sdk/index.js';
import type { CallCore } from './call-core.js';
import type { Authorization, DigestClient } from './digest.js';
import type { Acknowledge } from './invite-client.js';
import type { Journey } from '../location/journey.js';
import { headerLines, localResponse, responseView, sipJsBody } from '../message/messages.js';
import { dialogHop, refreshTarget } from './target.js';
import { transactionTimeoutMs } from '../transaction/timers.js';

/** The leg. */
export interface ReInviteOwner {
  /** The 2xx of an earlier INVITE was not acknowledged yet: what it offers has no answer. */
  readonly owesAck: boolean;
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
 * One re-INVITE, with its challenges (RFC 3261 section 14). While another one is under way in either direction, until its ACK, it is
 * answered at once with a 491 of our own, as the other side would.
 */
export class ReInvite {
  readonly #journey: Journey;
  readonly #authorization: Authorization;
  #client: ReInviteClient | undefined;
  #cancelTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    private readonly core: CallCore,
    private readonly dialog: SessionDialog,
    digest: DigestClient,
    private readonly options: RequestOptions,
    private readonly owner: ReInviteOwner,
  ) {
    this.#journey = core.newJourney();
    this.#authorization = digest.begin({ journey: this.#journey, isInDialog: true });
    if (dialog.reinviteUserAgentClient || dialog.reinviteUserAgentServer || owner.owesAck) {
      const { callId, localSequenceNumber: cseq = 0 } = dialog;
      queueMicrotask(() => this.#finish(localResponse({ method: 'INVITE', callId, cseq }, 491)));
    } else {
      this.#attempt();
    }
  }

  /** Takes it back, if it was not answered yet; 408 is made where no answer comes to that in time (RFC 3261 section 9.1). */
  cancel(): void {
    const client = this.#client;
    if (!client || this.#isOver || this.#cancelTimer) return;
    client.cancel();
    this.#cancelTimer = setTimeout(() => this.#finish(localResponse(client.message, 408)), transactionTimeoutMs());
  }

  #attempt(): void {
    const { core, dialog, options, owner } = this;
    const credentials = this.#authorization.lines('INVITE', dialog.remoteTarget.toRaw(), options.body?.content ?? '');
    const extraHeaders = [`Contact: ${core.contact}`, ...headerLines(options.headers), ...credentials];
    const client = new ReInviteClient(
      dialog,
      {
        onTrying: ({ message }) => this.#receiveProvisional(message),
        onProgress: ({ message }) => this.#receiveProvisional(message),
        onAccept: (accepted) => {
          refreshTarget(dialog, accepted.message);
          const acknowledge: Acknowledge = (ackOptions) => accepted.ack(ackOptions);
          if (this.#isOver) acknowledge();
          else owner.onAccepted(acknowledge);
          this.#finish(responseView(accepted.message, true));
        },
        onRedirect: ({ message }) => this.#finish(responseView(message, true)),
        onReject: ({ message }) => this.#reject(message, client),
      },
      { extraHeaders, body: sipJsBody(options.body) },
    );
    this.#client = client;
    void this.#locate();
  }

  /** Finds out where the request has gone, which its sending does not tell. */
  async #locate(): Promise<void> {
    try {
      await this.#journey.target({ hop: () => dialogHop(this.dialog) });
    } catch {
      // the request fails for the same reason
    }
  }

  #receiveProvisional(response: IncomingResponseMessage): void {
    this.#authorization.hear(response);
    this.owner.onResponse(responseView(response, false));
  }

  #reject(response: IncomingResponseMessage, { message }: ReInviteClient): void {
    const status = response.statusCode;
    const isLocal = !response.callId;
    const isChallenge = (status === 401 || status === 407) && !this.#cancelTimer;
    if (isLocal) {
      this.#finish(localResponse(message, status === 408 ? 408 : 503));
    } else if (isChallenge && this.#authorization.accept(response)) {
      this.owner.onResponse(responseView(response, false));
      this.#attempt();
    } else {
      this.#finish(responseView(response, true));
    }
  }

  #finish(response: SipResponse): void {
    clearTimeout(this.#cancelTimer);
    if (this.#isOver) return;
    this.#isOver = true;
    this.owner.onResponse(response);
  }
}
