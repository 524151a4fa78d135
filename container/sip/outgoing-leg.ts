import type { IncomingResponseMessage, OutgoingRequestMessage, Session } from 'sip.js/lib/core/index.js';
import type { Invitation, LegListener, OutgoingLeg, RequestOptions } from '../../sdk/index.js';
import type { CallCore } from './call-core.js';
import { sendInDialog } from './dialog-request.js';
import type { DigestClient } from './digest.js';
import { newTag } from './identifiers.js';
import { type Acknowledge, InviteClient } from './invite-client.js';
import { dialogOf, DialogLeg } from './leg.js';
import { headerLines, localResponse, responseView, sipJsBody } from './messages.js';
import { parseUri } from './parser/index.js';

/** A call that this process places: INVITE, its challenges, forks, CANCEL and ACK (RFC 3261 section 13.2). */
export class ClientLeg extends DialogLeg implements OutgoingLeg {
  readonly localTag = newTag();
  readonly localParty: string;
  readonly remoteParty: string;
  readonly sent: Promise<void>;
  readonly #request: OutgoingRequestMessage;
  readonly #attempts = new Map<string, number>();
  #client: InviteClient;
  #cancelled = false;

  constructor(
    core: CallCore,
    digest: DigestClient,
    invitation: Invitation,
    routeSet: string[],
    protected readonly listener: LegListener,
  ) {
    super(core, digest);
    const from = parseUri(invitation.from.uri);
    const to = parseUri(invitation.to);
    this.localParty = from.toString();
    this.remoteParty = to.toString();
    this.#request = core.makeOutgoingRequestMessage(
      'INVITE',
      parseUri(invitation.uri),
      from,
      to,
      { callId: core.callId, fromTag: this.localTag, routeSet },
      [`Contact: ${core.contact}`, ...headerLines(invitation.headers)],
      sipJsBody(invitation.body),
    );
    this.#client = this.#attempt();
    this.sent = core.sent;
  }

  get remoteTag(): string {
    return this.dialog?.remoteTag ?? '';
  }

  cancel(options: RequestOptions = {}): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#client.cancel(undefined, { extraHeaders: headerLines(options.headers) });
  }

  #attempt(): InviteClient {
    return new InviteClient(this.core, this.#request, {
      onResponse: (response) => this.#receive(response),
      onNoResponse: (status) => this.listener.onResponse?.(localResponse(this.#request, status)),
      onDialog: (response, session, acknowledge) => this.#connect(response, session, acknowledge),
    });
  }

  #receive(response: IncomingResponseMessage): void {
    const status = response.statusCode ?? 0;
    const challenged = (status === 401 || status === 407) && !this.#cancelled;
    if (challenged && this.digest.accept(response, this.#attempts)) {
      this.listener.onResponse?.(responseView(response, false));
      this.#request.cseq += 1;
      this.#request.setHeader('cseq', `${this.#request.cseq} INVITE`);
      this.digest.authorize(this.#request);
      this.#client = this.#attempt();
    } else {
      this.listener.onResponse?.(responseView(response, status >= 200));
    }
  }

  #connect(response: IncomingResponseMessage, session: Session, acknowledge: Acknowledge): void {
    if (this.dialog) {
      this.#refuseFork(response, session, acknowledge);
      return;
    }
    this.acknowledge = (options) => acknowledge({ ...options, extraHeaders: this.#ackHeaders() });
    this.adopt(session);
    this.listener.onResponse?.(responseView(response, true));
  }

  /** The first telephone to answer has the call; what answers later is acknowledged and ended (RFC 3261 13.2.2.4). */
  #refuseFork(response: IncomingResponseMessage, session: Session, acknowledge: Acknowledge): void {
    const fork = dialogOf(session);
    acknowledge({ extraHeaders: this.#ackHeaders() });
    sendInDialog(this.core, fork, this.digest, 'BYE', {}, () => undefined);
    fork.dispose();
    this.listener.onResponse?.(responseView(response, false));
  }

  /** The ACK carries the credentials of its INVITE (RFC 3261 section 22.1). */
  #ackHeaders(): string[] {
    return (['authorization', 'proxy-authorization'] as const).flatMap((name) =>
      this.#request.getHeaders(name).map((value) => `${name}: ${value}`),
    );
  }
}
