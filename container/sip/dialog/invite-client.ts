import type { ResponseMessage } from '../message/parser/received-message.js';
import type { Failover } from '../location/failover.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import type { ClientTransaction, ClientUser } from '../transaction/client-transaction.js';
import { silenceMs } from '../transaction/timers.js';
import type { CallCore } from './call-core.js';
import { clientDialogState, type DialogRequestOptions } from './dialog.js';
import { MAX_FORKS } from './forks.js';
import { InviteDialog } from './invite-dialog.js';

/** Gets the outcomes of an INVITE, and which INVITE has them: an owner may have given an earlier one up. */
export interface InviteClientListener {
  onInviteResponse(client: InviteClient, response: ResponseMessage): void;
  /** The INVITE has failed without a response: by time-out (408), or because it could not be sent (503). */
  onNoResponse(client: InviteClient, status: 408 | 503): void;
  /** A 2xx made a dialog; each branch of a forked INVITE makes its own (RFC 3261 section 13.2.2.4). */
  onDialog(client: InviteClient, response: ResponseMessage, dialog: InviteDialog, ack: Acknowledge): void;
  /** No response at all has come so far, after several transmissions. */
  onSilence(client: InviteClient): void;
}

export type Acknowledge = (options?: Omit<DialogRequestOptions, 'cseq'>) => void;

/** One INVITE outside a dialog, and the dialogs that its responses make. */
export class InviteClient implements ClientUser {
  readonly #transaction: ClientTransaction;
  /** To tags of the received 2xx. */
  #tags: readonly string[] = [];
  #silence: NodeJS.Timeout | undefined;
  #lastProvisional = '';
  #isAlerting = false;
  #isAnswered = false;
  #isGivenUp = false;
  /** Header lines of the CANCEL that waits for a provisional response (RFC 3261 section 9.1). */
  #cancelLines: string[] | undefined;

  constructor(
    private readonly core: CallCore,
    readonly message: OutgoingRequest,
    private readonly failover: Failover,
    private readonly listener: InviteClientListener,
  ) {
    this.#transaction = core.send(message, failover, this);
    message.dropLines();
    if (!failover.hasSingleTarget) this.#awaitSending();
  }

  /** Settles when the INVITE was sent, or is no longer wanted. */
  get sent(): Promise<void> {
    return this.#transaction.sent;
  }

  /** A provisional response above 100 came: a telephone knows of the call. */
  get isAlerting(): boolean {
    return this.#isAlerting;
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Cancels the INVITE, as soon as a provisional response allows it (RFC 3261 section 9.1). */
  cancel(extraHeaders: string[] = []): void {
    const { state } = this.#transaction;
    if (state === 'proceeding') this.core.cancel(this.#transaction, extraHeaders);
    else if (state === 'calling') {
      this.#cancelLines = extraHeaders;
      this.core.oweCancel(this.#transaction, extraHeaders);
    }
  }

  /** The call goes to another server. If this one answers after all, it gets a CANCEL. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#transaction.stopSending();
    this.cancel();
  }

  /** Only a 2xx makes a dialog here: we send nothing in an early one. */
  receive(response: ResponseMessage): void {
    const status = response.statusCode ?? 0;
    this.#hear();
    if (status < 200) return this.#receiveProvisional(response);
    this.#isAnswered = true;
    this.#lastProvisional = '';
    if (status >= 300) this.listener.onInviteResponse(this, response);
    else this.#receiveAccepted(response);
  }

  onTimeout(): void {
    this.#hear();
    if (!this.#isGivenUp) this.listener.onNoResponse(this, 408);
  }

  onFailure(): void {
    this.#hear();
    if (!this.#isAnswered && !this.#isGivenUp) this.listener.onNoResponse(this, 503);
  }

  dispose(): void {
    this.#hear();
  }

  #awaitSending(): void {
    this.#transaction.sent.then(
      () => this.#awaitAnswer(),
      () => undefined, // the transaction reports the failure
    );
  }

  #awaitAnswer(): void {
    if (this.failover.hasSingleTarget || this.#transaction.state !== 'calling' || this.core.isOver) return;
    this.#silence = setTimeout(() => this.listener.onSilence(this), silenceMs());
  }

  #hear(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  #receiveProvisional(response: ResponseMessage): void {
    const cancelLines = this.#cancelLines;
    this.#cancelLines = undefined;
    if (cancelLines) this.core.cancel(this.#transaction, cancelLines);
    // A server answers each copy of the INVITE with an identical copy of its last 1xx (RFC 3261 section 17.2.1).
    if (response.data === this.#lastProvisional) return;
    this.#lastProvisional = response.data;
    this.#isAlerting ||= response.statusCode !== 100;
    this.listener.onInviteResponse(this, response);
  }

  /** Repeats the ACK for a copy, if the first 2xx was acknowledged. */
  #receiveAccepted(response: ResponseMessage): void {
    const { toTag } = response;
    if (this.#tags.includes(toTag)) return this.core.repeatAck(response);
    if (this.#tags.length === MAX_FORKS) return;
    this.#tags = this.#tags.concat(toTag);
    const dialog = new InviteDialog(this.core, clientDialogState(this.message, response), 'ours');
    const { cseq } = this.message;
    this.listener.onDialog(this, response, dialog, ({ extraHeaders, body } = {}) => {
      this.core.acknowledge(dialog.createRequest('ACK', { extraHeaders, body, cseq }));
      dialog.offers.step('over');
    });
  }
}
