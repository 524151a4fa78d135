import type { IncomingResponseMessage, OutgoingRequestMessage, Session } from 'sip.js/lib/core/index.js';
import type { Invitation, LegListener, OutgoingLeg, RequestOptions } from '../../sdk/index.js';
import type { CallCore } from './call-core.js';
import { sendInDialog } from './dialog-request.js';
import type { DigestClient } from './digest.js';
import { type Acknowledge, InviteClient } from './invite-client.js';
import { dialogOf, DialogLeg } from './leg.js';
import type { Guard } from './listener.js';
import { headerLines, localResponse, responseView, sipJsBody } from './messages.js';
import { shownTag } from './outgoing-request.js';
import { parseUri } from './parser/index.js';

export interface ClientLegOptions {
  readonly digest: DigestClient;
  /** Route header values of the INVITE. */
  readonly routeSet: string[];
  readonly run: Guard;
}

/** A call that this process places: INVITE, its challenges, forks, CANCEL and ACK (RFC 3261 section 13.2). */
export class ClientLeg extends DialogLeg implements OutgoingLeg {
  readonly localParty: string;
  readonly remoteParty: string;
  readonly sent: Promise<void>;
  readonly #makeRequest: (cseq: number) => OutgoingRequestMessage;
  readonly #attempts = new Map<string, number>();
  #request: OutgoingRequestMessage;
  #client: InviteClient;
  #cancelled = false;

  /** Sends the INVITE. @throws Error on a URI or header that is none */
  constructor(core: CallCore, invitation: Invitation, listener: LegListener, options: ClientLegOptions) {
    super(core, options.digest, options.run);
    this.listen(listener);
    const uri = parseUri(invitation.uri);
    const from = parseUri(invitation.from.uri);
    const to = parseUri(invitation.to);
    this.localParty = from.toString();
    this.remoteParty = to.toString();
    const headers = [`Contact: ${core.contact}`, ...headerLines(invitation.headers)];
    const body = sipJsBody(invitation.body);
    const { callId, localTag: fromTag } = core;
    const { routeSet } = options;
    this.#makeRequest = (cseq) =>
      core.makeOutgoingRequestMessage('INVITE', uri, from, to, { callId, cseq, fromTag, routeSet }, headers, body);
    this.#request = this.#makeRequest(1);
    this.#client = this.#send();
    this.sent = core.sent;
  }

  get remoteTag(): string {
    return shownTag(this.dialog?.remoteTag);
  }

  cancel(options: RequestOptions = {}): void {
    if (this.#cancelled) return;
    const extraHeaders = headerLines(options.headers);
    this.#cancelled = true;
    this.#client.cancel(undefined, { extraHeaders });
  }

  #send(): InviteClient {
    const request = this.#request;
    this.digest.authorize(request);
    return new InviteClient(this.core, request, {
      onResponse: (response) => this.#receive(response),
      onNoResponse: (status) => this.listener.onResponse(localResponse(request, status)),
      onDialog: (response, session, acknowledge) => this.#connect(response, session, acknowledge),
    });
  }

  #receive(response: IncomingResponseMessage): void {
    const status = response.statusCode ?? 0;
    const challenged = (status === 401 || status === 407) && !this.#cancelled;
    const isFinal = status >= 200 && !(challenged && this.digest.accept(response, this.#attempts));
    // The next attempt is under way before the challenge is shown, so that cancel() finds it. It is a request of its own: when
    // the challenge comes again, its ACK is made from the one that was challenged (RFC 3261 section 17.1.1.3).
    if (status >= 300 && !isFinal) {
      this.#request = this.#makeRequest(this.#request.cseq + 1);
      this.#client = this.#send();
    }
    this.listener.onResponse(responseView(response, isFinal));
  }

  #connect(response: IncomingResponseMessage, session: Session, acknowledge: Acknowledge): void {
    if (this.dialog || this.isReleased) {
      this.#refuse(response, session, acknowledge);
      return;
    }
    this.acknowledge = (ackOptions) => acknowledge({ ...ackOptions, extraHeaders: this.#ackHeaders() });
    this.adopt(session, false);
    this.listener.onResponse(responseView(response, true));
  }

  /**
   * The first telephone to answer has the call; what answers later, or when the owner is gone already, is acknowledged and ended
   * (RFC 3261 13.2.2.4).
   */
  #refuse(response: IncomingResponseMessage, session: Session, acknowledge: Acknowledge): void {
    const fork = dialogOf(session);
    const { body: offer } = responseView(response, false);
    const answer = this.#request.body || !offer ? undefined : this.listener.answerSpare(offer);
    acknowledge({ extraHeaders: this.#ackHeaders(), body: sipJsBody(answer) });
    sendInDialog(this.core, fork, this.digest, 'BYE', {}, () => undefined);
    fork.dispose();
    this.listener.onResponse(responseView(response, false));
  }

  /** The ACK carries the credentials of its INVITE (RFC 3261 section 22.1). */
  #ackHeaders(): string[] {
    return (['authorization', 'proxy-authorization'] as const).flatMap((name) =>
      this.#request.getHeaders(name).map((value) => `${name}: ${value}`),
    );
  }
}
