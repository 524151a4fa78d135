import { type IncomingRequestMessage, InviteUserAgentServer } from 'sip.js/lib/core/index.js';
import type { Body, IncomingLeg, LegListener, ReplyOptions, SipRequest } from '../../sdk/index.js';
import type { CallCore } from './call-core.js';
import type { DigestClient } from './digest.js';
import { newTag } from './identifiers.js';
import { responseOptions } from './incoming-request.js';
import { DialogLeg } from './leg.js';
import { requestView } from './messages.js';

/** sip.js's INVITE server transaction, with a To tag that cannot be guessed. */
class InviteServer extends InviteUserAgentServer {
  constructor(core: CallCore, request: IncomingRequestMessage) {
    super(core, request);
    this.toTag = newTag();
  }

  get localTag(): string {
    return this.toTag;
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
  #listener: LegListener = {};

  constructor(core: CallCore, digest: DigestClient, request: IncomingRequestMessage) {
    super(core, digest);
    this.invite = requestView(request);
    this.localParty = request.to.uri.toString();
    this.remoteParty = request.from.uri.toString();
    this.remoteTag = request.fromTag;
    this.#server = new InviteServer(core, request);
    this.#server.delegate = { onCancel: () => this.#cancel() };
    this.#server.trying();
  }

  get localTag(): string {
    return this.#server.localTag;
  }

  listen(listener: LegListener): void {
    this.#listener = listener;
  }

  progress(status: number, options: ReplyOptions = {}): void {
    if (!this.#answered) this.#server.progress(responseOptions(status, options));
  }

  accept(body: Body, options: ReplyOptions = {}): void {
    if (this.#answered) return;
    this.#answered = true;
    const { session } = this.#server.accept(responseOptions(200, { ...options, body }));
    this.adopt(session);
  }

  reject(status: number, options: ReplyOptions = {}): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#server.reject(responseOptions(status, options));
  }

  protected get listener(): LegListener {
    return this.#listener;
  }

  #cancel(): void {
    if (this.#answered) return;
    this.reject(487);
    this.#listener.onCancel?.();
  }
}
