import type { Body, Leg, LegListener, LegSnapshot, RequestOptions, SipResponse } from '../../../sdk/index.js';
import type { CallCore } from '../dialog/call-core.js';
import { sendInDialog } from '../dialog/dialog-request.js';
import type { DigestClient } from '../dialog/digest.js';
import { Bye } from '../dialog/bye.js';
import { ServerRequest } from './incoming-request.js';
import { type Guard, GuardedListener } from './listener.js';
import type { Acknowledge } from '../dialog/invite-client.js';
import type { InviteDialog, InviteDialogListener } from '../dialog/invite-dialog.js';
import { headerLines, localResponse, messageBody } from '../message/messages.js';
import { ReferSubscription } from '../dialog/refer-subscription.js';
import { ReInvite } from '../dialog/reinvite.js';
import type { RequestServer } from '../dialog/request-server.js';
import type { ReInviteServer } from '../dialog/reinvite-server.js';
import type { RequestMessage } from '../message/parser/received-message.js';

/** What outgoing and incoming legs share: the confirmed dialog, requests in it both ways, and the end. */
export abstract class DialogLeg implements Leg, InviteDialogListener {
  abstract readonly localParty: string;
  abstract readonly remoteParty: string;
  abstract readonly remoteTag: string;
  protected dialog: InviteDialog | undefined;
  protected acknowledge: Acknowledge | undefined;
  protected isReleased = false;
  #listener: GuardedListener;
  /** Our BYE was sent. */
  #isEnding = false;
  #lazyBye: Bye | undefined;

  constructor(
    protected readonly core: CallCore,
    protected readonly digest: DigestClient,
    private readonly run: Guard,
  ) {
    this.#listener = new GuardedListener({}, run);
  }

  get callId(): string {
    return this.core.callId;
  }

  get localTag(): string {
    return this.core.localTag;
  }

  /** From now on `listener` gets all events. */
  listen(listener: LegListener): void {
    this.#listener = new GuardedListener(listener, this.run);
  }

  send(method: string, options: RequestOptions = {}, onResponse: (response: SipResponse) => void = ignore): void {
    if (method === 'BYE') return this.bye(options, onResponse);
    if (['INVITE', 'ACK', 'CANCEL'].includes(method)) throw new TypeError(`${method} is not sent by send()`);
    const dialog = this.#confirmed(method);
    const show = (response: SipResponse): void => this.run(() => onResponse(response));
    if (method === 'REFER') this.#refer(dialog, options, show);
    else if (method === 'UPDATE' && options.body) this.#offer(dialog, options, show);
    else sendInDialog(this.core, dialog, this.digest, method, options, show);
  }

  reinvite(options: RequestOptions, onResponse: (response: SipResponse) => void): () => void {
    const reinvite = new ReInvite(this.core, this.#confirmed('INVITE'), this.digest, options, {
      onResponse: (response) => this.run(() => onResponse(response)),
      onAccepted: (acknowledge) => {
        this.acknowledge = acknowledge;
      },
    });
    return () => reinvite.cancel();
  }

  ack(body?: Body): void {
    this.acknowledge?.({ body: messageBody(body) });
    this.acknowledge = undefined;
  }

  bye(options: RequestOptions = {}, onResponse: (response: SipResponse) => void = ignore): void {
    this.#confirmed('BYE');
    headerLines(options.headers); // throws on an invalid header now, not when the BYE may be sent
    this.#onlyBye().send(options, (response) => this.run(() => onResponse(response)));
  }

  snapshot(): LegSnapshot {
    const dialog = this.#confirmed('A snapshot');
    if (this.#isEnding || dialog.isDisposed)
      throw new Error('A snapshot needs a confirmed dialog, and the call is over');
    const { contactUser, displayName, protocol } = this.core.options;
    return { dialog: dialog.snapshot(), contactUser, displayName, protocol, challenges: this.digest.snapshot() };
  }

  release(): void {
    this.#lazyBye?.release();
    this.#letGo();
  }

  letGo(): void {
    this.#lazyBye?.release();
    this.isReleased = true;
    this.core.vanish();
  }

  #onlyBye(): Bye {
    return (this.#lazyBye ??= new Bye(this.callId, (options, onResponse) => this.#sendBye(options, onResponse)));
  }

  protected get listener(): GuardedListener {
    return this.#listener;
  }

  /** Takes a confirmed dialog: its requests go to the listener from now on. */
  protected adopt(dialog: InviteDialog, awaitsAck: boolean): void {
    this.dialog = dialog;
    // No BYE before the ACK of our 2xx, or before it can no longer come (RFC 3261 section 15).
    if (awaitsAck) this.#onlyBye().hold();
    dialog.listener = this;
  }

  onAck(ack: RequestMessage): void {
    this.listener.onAck(bodyOf(ack));
    this.#onlyBye().allow();
  }

  /**
   * No ACK came, to the first 2xx or to that of a re-INVITE: BYE ends the session (RFC 3261 sections 13.3.1.4 and 14.2). An owner that
   * does not listen cannot know of it, so the call is forgotten without waiting for its release.
   */
  onAckTimeout(): void {
    const isOver = this.#isEnding || this.dialog?.isDisposed !== false;
    this.#onlyBye().allow();
    if (isOver) return;
    this.listener.onAckTimeout(); // first, as it may give a reason
    this.bye({}, (response) => {
      if (response.final) this.#letGo();
    });
  }

  onBye(bye: RequestServer): void {
    bye.reply({ statusCode: 200 });
    this.#onlyBye().allow();
    this.onRequest(bye);
  }

  onReinvite(reinvite: ReInviteServer): void {
    reinvite.onCancel = () => this.listener.onReinviteCancelled();
    this.onRequest(reinvite);
  }

  onUpdate(update: RequestServer): void {
    this.onRequest(update);
  }

  onRequest(request: RequestServer): void {
    this.listener.onRequest(new ServerRequest(request, this.core.contact));
  }

  /** An UPDATE with an offer does not cross another offer (RFC 3311 section 5.1). */
  #offer(dialog: InviteDialog, options: RequestOptions, onResponse: (response: SipResponse) => void): void {
    headerLines(options.headers); // throws on an invalid header, before anything is under way
    messageBody(options.body);
    if (dialog.offers.step('send')) {
      const update = { method: 'UPDATE', callId: this.callId, cseq: dialog.localCseq };
      queueMicrotask(() => onResponse(localResponse(update, 491)));
      return;
    }
    sendInDialog(this.core, dialog, this.digest, 'UPDATE', options, (response) => {
      if (response.final) dialog.offers.step('over');
      onResponse(response);
    });
  }

  #refer(dialog: InviteDialog, options: RequestOptions, onResponse: (response: SipResponse) => void): void {
    const { localTag, remoteTag } = dialog;
    const subscription = new ReferSubscription(localTag, remoteTag, this);
    sendInDialog(this.core, dialog, this.digest, 'REFER', options, (response) => {
      if (response.final && response.status >= 300) subscription.end();
      onResponse(response);
    });
    this.core.expectNotify(subscription);
  }

  #sendBye(options: RequestOptions, onResponse: (response: SipResponse) => void): void {
    const dialog = this.#confirmed('BYE');
    dialog.end();
    this.#isEnding = true;
    sendInDialog(this.core, dialog, this.digest, 'BYE', options, (response) => {
      if (response.final) dialog.dispose();
      onResponse(response);
    });
  }

  #letGo(): void {
    this.isReleased = true;
    this.core.release(this.digest);
  }

  #confirmed(method: string): InviteDialog {
    if (!this.dialog) throw new Error(`${method} needs a confirmed dialog, and the call has none yet`);
    return this.dialog;
  }
}

function bodyOf(message: { body: string; getHeader(name: string): string | undefined }): Body | undefined {
  return message.body ? { contentType: message.getHeader('content-type') ?? '', content: message.body } : undefined;
}

function ignore(): void {
  // the plugin does not want the response
}
