import { type IncomingRequestMessage, InviteUserAgentServer } from 'sip.js/lib/core/index.js';
import type { Body, IncomingLeg, ReplyOptions, SipRequest } from '../../../sdk/index.js';
import type { CallCore } from '../dialog/call-core.js';
import type { DigestClient } from '../dialog/digest.js';
import { responseOptions } from './incoming-request.js';
import { dialogOf, DialogLeg } from './leg.js';
import type { Guard } from './listener.js';
import { ReceivedRequest } from '../message/messages.js';
import { shownTag } from '../message/outgoing-request.js';

/** sip.js's INVITE server transaction, with a To tag that cannot be guessed. */
class InviteServer extends InviteUserAgentServer {
  constructor(core: CallCore, request: IncomingRequestMessage) {
    super(core, request);
    this.toTag = core.localTag;
  }
}

/** A call that somebody places to this process (RFC 3261 section 13.3). */
export class ServerLeg extends DialogLeg implements IncomingLeg {
  readonly invite: SipRequest;
  readonly localParty: string;
  readonly remoteParty: string;
  readonly remoteTag: string;
  readonly #server: InviteServer;
  #answered = false;

  constructor(core: CallCore, digest: DigestClient, run: Guard, request: IncomingRequestMessage) {
    super(core, digest, run);
    this.invite = new ReceivedRequest(request);
    this.localParty = request.to.uri.toString();
    this.remoteParty = request.from.uri.toString();
    this.remoteTag = shownTag(request.fromTag);
    this.#server = new InviteServer(core, request);
    this.#server.delegate = { onCancel: () => this.#giveUp() };
    this.#server.trying();
  }

  progress(status: number, options: ReplyOptions = {}): void {
    if (this.#answered) return;
    const { session } = this.#server.progress(responseOptions(status, options));
    dialogOf(session).delegate = {
      // A caller may end an early dialog with BYE; its INVITE is still to be answered (RFC 3261 sections 15 and 15.1.2).
      onBye: (bye) => {
        bye.accept();
        this.#giveUp();
      },
    };
  }

  accept(body: Body, options: ReplyOptions = {}): void {
    if (this.#answered) return;
    const response = responseOptions(200, { ...options, body });
    this.#answered = true;
    const { session } = this.#server.accept(response);
    this.adopt(session, true);
  }

  reject(status: number, options: ReplyOptions = {}): void {
    if (this.#answered) return;
    const response = responseOptions(status, options);
    if (status < 400) this.#server.redirect([], response);
    else this.#server.reject(response);
    this.#answered = true;
  }

  /** Nobody can go on with the call: 500, or BYE where it was answered already. */
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
