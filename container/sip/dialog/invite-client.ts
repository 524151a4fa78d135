import {
  Dialog,
  type IncomingResponseMessage,
  type InviteClientTransaction,
  InviteUserAgentClient,
  NameAddrHeader,
  type OutgoingAckRequest,
  type OutgoingRequestMessage,
  type RequestOptions,
  type Session,
  SessionDialog,
  TransactionState,
} from 'sip.js/lib/core/index.js';
import type { CallCore } from './call-core.js';
import { MAX_FORKS } from './forks.js';
import type { Journey } from '../location/journey.js';
import { OutgoingRequest } from '../message/outgoing-request.js';
import { methodsOf } from '../message/parser/methods-of.js';
import type { ClientListener } from '../transaction/request-client.js';
import { silenceMs } from '../transaction/timers.js';
import { InviteTransaction } from '../transaction/transactions.js';

export interface InviteClientListener extends ClientListener {
  /** A 2xx made a dialog; each branch of a forked INVITE makes one of its own (RFC 3261 section 13.2.2.4). */
  onDialog(response: IncomingResponseMessage, session: Session, ack: Acknowledge): void;
  /** Nothing at all came back so far, after several copies. */
  onSilence(): void;
}

export type Acknowledge = (options?: RequestOptions) => OutgoingAckRequest;

/** The dialog of a call that we place. sip.js looks at offers and answers on the other side only. */
class ClientDialog extends SessionDialog {
  override signalingStateTransition(): void {
    // they are the owner's business
  }
}

/** One INVITE client transaction and the dialogs that its responses make. */
export class InviteClient extends methodsOf(InviteUserAgentClient) {
  /** To tags of the 2xx that came. */
  #tags: readonly string[] = [];
  protected override readonly core: CallCore;
  override readonly message: OutgoingRequestMessage;
  readonly #transaction: InviteClientTransaction;
  readonly #key: string;
  #silence: NodeJS.Timeout | undefined;
  #lastProvisional = '';
  #isAlerting = false;
  #isGivenUp = false;

  constructor(
    core: CallCore,
    request: OutgoingRequestMessage,
    private readonly journey: Journey,
    private readonly listener: InviteClientListener,
  ) {
    super();
    this.core = core;
    this.message = request;
    core.follow(request, journey);
    const transaction = new InviteTransaction(request, core.transport, this);
    this['_transaction'] = transaction;
    this.#transaction = transaction;
    this.#key = transaction.id + request.method;
    core.userAgentClients.set(this.#key, this);
    if (request instanceof OutgoingRequest) request.dropLines();
    if (!journey.isStraight) this.#awaitSending(core);
  }

  /** More than 100 has come: a telephone knows of the call. */
  get isAlerting(): boolean {
    return this.#isAlerting;
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** The call goes another way. A server that comes to life after all is told with a CANCEL. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.core.stopSending(this.message);
    this.cancel();
  }

  override dispose(): void {
    this.#hear();
    this.#transaction.dispose();
  }

  onStateChange(state: TransactionState): void {
    if (state !== TransactionState.Terminated) return;
    this.core.userAgentClients.delete(this.#key);
    this.dispose();
  }

  /**
   * Dialogs are made from 2xx only: we send nothing in an early dialog, and sip.js would keep the remote target of the first 1xx
   * where the 2xx names another one (RFC 3261 section 13.2.2.4).
   */
  override receiveResponse(response: IncomingResponseMessage): void {
    const status = response.statusCode ?? 0;
    this.#hear();
    if (status < 200) return this.#receiveProvisional(response);
    this.#lastProvisional = '';
    if (status >= 300) this.listener.onResponse(response);
    else if (this.#mayFork(response)) this.#accept(addContact(response, this.message));
  }

  override onRequestTimeout(): void {
    if (!this.#isGivenUp) this.listener.onNoResponse(408);
  }

  override onTransportError(): void {
    const { state } = this.transaction;
    const isWaiting = state === TransactionState.Calling || state === TransactionState.Proceeding;
    if (isWaiting && !this.#isGivenUp) this.listener.onNoResponse(503);
  }

  #awaitSending({ sent }: CallCore): void {
    sent.then(
      () => this.#awaitAnswer(),
      () => undefined, // the transaction tells of it
    );
  }

  #awaitAnswer(): void {
    if (this.journey.isStraight || this.transaction.state !== TransactionState.Calling) return;
    this.#silence = setTimeout(() => this.listener.onSilence(), silenceMs());
  }

  #hear(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  /** A server answers each copy of the INVITE with its last 1xx again, to the letter (RFC 3261 section 17.2.1). */
  #receiveProvisional(response: IncomingResponseMessage): void {
    if (response.data === this.#lastProvisional) return;
    this.#lastProvisional = response.data;
    this.#isAlerting ||= response.statusCode !== 100;
    this.listener.onResponse(response);
  }

  /** The transaction acknowledges copies of the response by itself. */
  #accept(response: IncomingResponseMessage): void {
    if (response.parseHeader('Contact') === undefined) return;
    const state = Dialog.initialDialogStateForUserAgentClient(this.message, response);
    const dialog = new ClientDialog(this.#transaction, this.core, state);
    this.listener.onDialog(response, dialog, (options) => dialog.ack(options));
  }

  #mayFork({ toTag }: IncomingResponseMessage): boolean {
    if (this.#tags.includes(toTag)) return true;
    if (this.#tags.length === MAX_FORKS) return false;
    this.#tags = this.#tags.toSpliced(MAX_FORKS, 0, toTag);
    return true;
  }
}

/**
 * RFC 3261 wants a Contact in every response that makes a dialog, and sip.js drops those without one. Some telephones leave
 * it out, or send one that leads nowhere: then requests go to the address that was called, so that the dialog can at least be ended.
 */
export function addContact(
  response: IncomingResponseMessage,
  request: OutgoingRequestMessage,
): IncomingResponseMessage {
  if (response.parseHeader('contact') === undefined) {
    const contact = new NameAddrHeader(request.ruri.clone(), '', {});
    response.setHeader('contact', contact.toString());
    const header = response.headers['Contact']?.[0];
    if (header) header.parsed = contact;
  }
  return response;
}
