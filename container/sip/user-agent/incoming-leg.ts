import type { RequestMessage } from '../message/parser/received-message.js';
import type { Body, IncomingLeg, ReplyOptions, SipRequest } from '../../../sdk/index.js';
import type { CallCore } from '../dialog/call-core.js';
import type { DigestClient } from '../dialog/digest.js';
import { InviteServer } from '../dialog/invite-server.js';
import { responseOptions } from './incoming-request.js';
import { DialogLeg } from './leg.js';
import type { Guard } from './listener.js';
import { ShownRequest } from '../message/messages.js';
import type { Origin } from '../transport/transport.js';

/** An incoming call (RFC 3261 section 13.3). */
export class ServerLeg extends DialogLeg implements IncomingLeg {
  readonly invite: SipRequest;
  readonly localParty: string;
  readonly remoteParty: string;
  readonly remoteTag: string;
  readonly #server: InviteServer;
  #answered = false;

  constructor(core: CallCore, digest: DigestClient, run: Guard, request: RequestMessage, source: Origin) {
    super(core, digest, run);
    this.invite = new ShownRequest(request);
    this.localParty = request.to.uri.toString();
    this.remoteParty = request.from.uri.toString();
    this.remoteTag = request.fromTag;
    this.#server = new InviteServer(core, request, source, () => this.#giveUp());
    this.#server.reply({ statusCode: 100 });
  }

  progress(status: number, options: ReplyOptions = {}): void {
    if (this.#answered) return;
    const dialog = this.#server.progress(responseOptions(status, options));
    dialog.listener = {
      // A caller may end an early dialog with BYE; its INVITE is still to be answered (RFC 3261 sections 15 and 15.1.2).
      onBye: (bye) => {
        bye.reply({ statusCode: 200 });
        this.#giveUp();
      },
    };
  }

  accept(body: Body, options: ReplyOptions = {}): void {
    if (this.#answered) return;
    const response = responseOptions(200, { ...options, body });
    this.#answered = true;
    this.adopt(this.#server.accept(response), true);
  }

  reject(status: number, options: ReplyOptions = {}): void {
    if (this.#answered) return;
    const response = responseOptions(status, options);
    this.#server.reply(response);
    this.#answered = true;
  }

  /** The plugin has failed: answers 500, or sends BYE if the call was answered already. */
  abandon(): void {
    if (this.dialog) this.bye();
    else this.reject(500);
    this.release();
  }

  #giveUp(): void {
    if (this.#answered) return;
    this.reject(487);
    this.listener.onCancel();
  }
}
