import type { ResponseMessage } from '../message/parser/received-message.js';
import type { RequestOptions, SipResponse } from '../../../sdk/index.js';
import type { CallCore } from './call-core.js';
import type { Authorization, DigestClient } from './digest.js';
import type { Failover } from '../location/failover.js';
import type { Acknowledge } from './invite-client.js';
import type { InviteDialog } from './invite-dialog.js';
import { headerLines, localResponse, responseView, messageBody } from '../message/messages.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import type { ClientTransaction, ClientUser } from '../transaction/client-transaction.js';
import { transactionTimeoutMs } from '../transaction/timers.js';

/** The leg. */
export interface ReInviteOwner {
  onResponse(response: SipResponse): void;
  /** A 2xx came; `acknowledge` sends its ACK. */
  onAccepted(acknowledge: Acknowledge): void;
}

/**
 * One re-INVITE, with its challenges (RFC 3261 section 14). While another one is under way in either direction, until its ACK, the stack
 * itself answers 491 at once, as the other side would.
 */
export class ReInvite {
  readonly #failover: Failover;
  readonly #authorization: Authorization;
  #attempt: ReInviteAttempt | undefined;
  #cancelTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    private readonly core: CallCore,
    private readonly dialog: InviteDialog,
    digest: DigestClient,
    private readonly options: RequestOptions,
    private readonly owner: ReInviteOwner,
  ) {
    this.#failover = core.routing.inDialog();
    this.#authorization = digest.begin({ failover: this.#failover, isInDialog: true });
    headerLines(options.headers); // throws on an invalid header, before anything is under way
    messageBody(options.body);
    if (dialog.offers.step('send')) {
      const request = { method: 'INVITE', callId: core.callId, cseq: dialog.localCseq };
      queueMicrotask(() => this.#finish(localResponse(request, 491)));
    } else {
      this.#send();
    }
  }

  /** Cancels the re-INVITE, if it has no final response yet. Without a response in time the stack makes a 408 (RFC 3261 section 9.1). */
  cancel(): void {
    const attempt = this.#attempt;
    if (!attempt || this.#isOver || this.#cancelTimer) return;
    attempt.cancel();
    this.#cancelTimer = setTimeout(() => this.#finish(localResponse(attempt.request, 408)), transactionTimeoutMs());
  }

  #send(): void {
    const { core, dialog, options, owner } = this;
    const extraHeaders = [`Contact: ${core.contact}`, ...headerLines(options.headers)];
    const request = dialog.createRequest('INVITE', { extraHeaders, body: messageBody(options.body) });
    this.#authorization.authorize(request);
    this.#attempt = new ReInviteAttempt(core, request, this.#failover, {
      onProvisional: (response) => {
        this.#authorization.hear(response);
        owner.onResponse(responseView(response, false));
      },
      onAccepted: (response) => this.#accept(response, request),
      onRefused: (response) => this.#refuse(response),
      onNoResponse: (status) => {
        dialog.offers.step('over');
        this.#finish(localResponse(request, status));
      },
    });
  }

  #accept(response: ResponseMessage, { cseq }: OutgoingRequest): void {
    const { core, dialog, owner } = this;
    dialog.refreshTarget(response);
    const acknowledge: Acknowledge = ({ extraHeaders, body } = {}) => {
      dialog.offers.step('over');
      core.acknowledge(dialog.createRequest('ACK', { extraHeaders, body, cseq }));
    };
    if (this.#isOver) acknowledge();
    else owner.onAccepted(acknowledge);
    this.#finish(responseView(response, true));
  }

  #refuse(response: ResponseMessage): void {
    const status = response.statusCode;
    const isChallenge = (status === 401 || status === 407) && !this.#cancelTimer;
    if (isChallenge && this.#authorization.accept(response)) {
      this.owner.onResponse(responseView(response, false));
      this.#send();
    } else {
      this.dialog.offers.step('over');
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

interface AttemptListener {
  onProvisional(response: ResponseMessage): void;
  onAccepted(response: ResponseMessage): void;
  onRefused(response: ResponseMessage): void;
  onNoResponse(status: 408 | 503): void;
}

/** One attempt at a re-INVITE. */
class ReInviteAttempt implements ClientUser {
  readonly #transaction: ClientTransaction;
  #isCancelled = false;
  #isAnswered = false;

  constructor(
    private readonly core: CallCore,
    readonly request: OutgoingRequest,
    failover: Failover,
    private readonly listener: AttemptListener,
  ) {
    this.#transaction = core.send(request, failover, this);
  }

  cancel(): void {
    if (this.#transaction.state === 'proceeding') this.core.cancel(this.#transaction, []);
    else if (this.#transaction.state === 'calling') this.#isCancelled = true;
  }

  receive(response: ResponseMessage): void {
    const status = response.statusCode ?? 0;
    if (status < 200) {
      if (this.#isCancelled) this.core.cancel(this.#transaction, []);
      this.#isCancelled = false;
      this.listener.onProvisional(response);
    } else if (this.#isAnswered) {
      this.core.repeatAck(response);
    } else {
      this.#isAnswered = true;
      if (status < 300) this.listener.onAccepted(response);
      else this.listener.onRefused(response);
    }
  }

  onTimeout(): void {
    this.listener.onNoResponse(408);
  }

  onFailure(): void {
    if (!this.#isAnswered) this.listener.onNoResponse(503);
  }
}
