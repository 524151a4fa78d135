import { SessionDialog, type IncomingRequest as SipJsRequest, type Session } from 'sip.js/lib/core/index.js';
import type { Body, Leg, LegListener, RequestOptions, SipResponse } from '../../sdk/index.js';
import type { CallCore } from './call-core.js';
import { sendInDialog } from './dialog-request.js';
import type { DigestClient } from './digest.js';
import { incomingRequest } from './incoming-request.js';
import type { Acknowledge } from './invite-client.js';
import { sipJsBody } from './messages.js';
import { sendReInvite } from './reinvite.js';

/** What outgoing and incoming legs share: the confirmed dialog, requests in it both ways, and the end. */
export abstract class DialogLeg implements Leg {
  abstract readonly localTag: string;
  abstract readonly remoteTag: string;
  abstract readonly localParty: string;
  abstract readonly remoteParty: string;
  protected dialog: SessionDialog | undefined;
  protected acknowledge: Acknowledge | undefined;

  constructor(
    protected readonly core: CallCore,
    protected readonly digest: DigestClient,
  ) {}

  get callId(): string {
    return this.core.callId;
  }

  protected abstract get listener(): LegListener;

  send(method: string, options: RequestOptions = {}, onResponse: (response: SipResponse) => void = ignore): void {
    const dialog = this.#confirmed(method);
    if (method === 'REFER') {
      this.core.expectNotify(dialog.localTag, dialog.remoteTag, (notify) => this.#show(notify));
    }
    sendInDialog(this.core, dialog, this.digest, method, options, onResponse);
  }

  reinvite(options: RequestOptions, onResponse: (response: SipResponse) => void): void {
    sendReInvite(this.core, this.#confirmed('INVITE'), this.digest, options, {
      onResponse,
      onAccepted: (acknowledge) => {
        this.acknowledge = acknowledge;
      },
    });
  }

  ack(body?: Body): void {
    this.acknowledge?.({ body: sipJsBody(body) });
    this.acknowledge = undefined;
  }

  bye(options: RequestOptions = {}, onResponse: (response: SipResponse) => void = ignore): void {
    const dialog = this.#confirmed('BYE');
    sendInDialog(this.core, dialog, this.digest, 'BYE', options, onResponse);
    dialog.dispose();
  }

  release(): void {
    this.core.release();
  }

  /** Takes the dialog that a 2xx has confirmed: its requests go to the listener from now on. */
  protected adopt(session: Session): void {
    this.dialog = dialogOf(session);
    const show = (request: SipJsRequest): void => this.#show(request);
    this.dialog.delegate = {
      onAck: ({ message }) => this.listener.onAck?.(bodyOf(message)),
      onBye: (bye) => {
        bye.accept();
        show(bye);
      },
      onInfo: show,
      onInvite: show,
      onMessage: show,
      onNotify: show,
      onRefer: show,
    };
  }

  #show(server: SipJsRequest): void {
    this.listener.onRequest?.(incomingRequest(server, this.core.contact));
  }

  #confirmed(method: string): SessionDialog {
    if (!this.dialog) throw new Error(`${method} needs a confirmed dialog, and the call has none yet`);
    return this.dialog;
  }
}

export function dialogOf(session: Session): SessionDialog {
  if (!(session instanceof SessionDialog)) throw new TypeError('sip.js made a session that is no dialog');
  return session;
}

function bodyOf(message: { body: string; getHeader(name: string): string | undefined }): Body | undefined {
  return message.body ? { contentType: message.getHeader('content-type') ?? '', content: message.body } : undefined;
}

function ignore(): void {
  // the sender of this request does not care for its response
}
