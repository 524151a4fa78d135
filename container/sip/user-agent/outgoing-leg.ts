import type { ResponseMessage } from '../message/parser/received-message.js';
import type { Uri } from '../message/uri.js';
import type { Invitation, LegListener, OutgoingLeg, RequestOptions } from '../../../sdk/index.js';
import type { CallCore } from '../dialog/call-core.js';
import { sendInDialog } from '../dialog/dialog-request.js';
import { EarlyDialogs } from '../dialog/early-dialogs.js';
import type { Authorization, DigestClient } from '../dialog/digest.js';
import { type Acknowledge, InviteClient, type InviteClientListener } from '../dialog/invite-client.js';
import type { InviteDialog } from '../dialog/invite-dialog.js';
import { type Failover, retryAfterMs } from '../location/failover.js';
import { DialogLeg } from './leg.js';
import type { Guard } from './listener.js';
import { headerLines, localResponse, responseView, messageBody } from '../message/messages.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import { parseUri } from '../message/parser/index.js';

export interface ClientLegOptions {
  readonly digest: DigestClient;
  /** Route header values of the INVITE. */
  readonly routeSet: string[];
  readonly run: Guard;
}

const NO_OPTIONS: RequestOptions = Object.freeze({});

/** An outgoing call: INVITE, its challenges, forks, CANCEL and ACK (RFC 3261 section 13.2). */
export class ClientLeg extends DialogLeg implements OutgoingLeg, InviteClientListener {
  readonly sent: Promise<void>;
  readonly #uri: Uri;
  readonly #from: Uri;
  readonly #to: Uri;
  readonly #routeSet: readonly string[];
  readonly #failover: Failover;
  #authorization: Authorization;
  #early: EarlyDialogs | undefined;
  /** Header fields and body of the current INVITE. */
  #options: RequestOptions;
  #request: OutgoingRequest;
  #client: InviteClient;
  #cancelled = false;

  /** Sends the INVITE. @throws Error on an invalid URI or header field */
  constructor(core: CallCore, invitation: Invitation, listener: LegListener, options: ClientLegOptions) {
    super(core, options.digest, options.run);
    this.listen(listener);
    this.#uri = parseUri(invitation.uri);
    this.#from = parseUri(invitation.from.uri);
    this.#to = parseUri(invitation.to);
    this.#routeSet = options.routeSet;
    this.#failover = core.routing.toProxy();
    this.#authorization = this.#newAuthorization();
    this.#options = invitation;
    this.#request = this.#makeRequest(1, invitation);
    this.#client = this.#send();
    this.sent = this.#whenSent();
    this.sent.catch(() => undefined); // for owners that do not wait for it
  }

  get localParty(): string {
    return this.#from.toString();
  }

  get remoteParty(): string {
    return this.#to.toString();
  }

  get remoteTag(): string {
    return this.dialog?.remoteTag ?? '';
  }

  cancel(options: RequestOptions = {}): void {
    if (this.#cancelled) return;
    const extraHeaders = headerLines(options.headers);
    this.#cancelled = true;
    this.#client.cancel(extraHeaders);
  }

  inviteAgain(options: RequestOptions): void {
    this.#options = options;
    this.#attemptAnew();
  }

  /** Settles when an attempt was sent, or the last one failed. */
  async #whenSent(): Promise<void> {
    const request = this.#request;
    try {
      await this.#client.sent;
    } catch (error) {
      await nextTurn(); // the next attempt begins within this turn
      if (request === this.#request) throw error;
      await this.#whenSent();
    }
  }

  #makeRequest(cseq: number, { headers, body }: RequestOptions): OutgoingRequest {
    const lines = [`Contact: ${this.core.contact}`, ...headerLines(headers)];
    const target = { cseq, routeSet: this.#routeSet };
    return this.core.makeOutgoingRequestMessage(
      'INVITE',
      this.#uri,
      this.#from,
      this.#to,
      target,
      lines,
      messageBody(body),
    );
  }

  #send(): InviteClient {
    const request = this.#request;
    this.#authorization.authorize(request);
    this.#early = new EarlyDialogs(this.core.contact, request.body !== undefined);
    this.core.expectEarly(this.#early);
    return new InviteClient(this.core, request, this.#failover, this);
  }

  onInviteResponse(client: InviteClient, response: ResponseMessage): void {
    const isProvisional = (response.statusCode ?? 0) < 200;
    if (client === this.#client) this.#hear(response, isProvisional);
    const isFinal = !isProvisional && !client.isGivenUp && !this.#repeats(response);
    this.listener.onResponse(responseView(response, isFinal));
  }

  #hear(response: ResponseMessage, isProvisional: boolean): void {
    if (!isProvisional) return this.#forgetEarly();
    this.#authorization.hear(response);
    this.#early?.hear(response);
  }

  #forgetEarly(): void {
    this.#early = undefined;
    this.core.expectEarly(undefined);
  }

  /** If a telephone rings already, another server would ring it a second time. */
  onNoResponse(client: InviteClient, status: 408 | 503): void {
    if (client.isAlerting || !this.#tryNext()) this.listener.onResponse(localResponse(client.message, status));
  }

  /** Makes another attempt if the response calls for one: a challenge, or a 503. */
  #repeats(response: ResponseMessage): boolean {
    const { statusCode } = response;
    if (statusCode === 503) return this.#tryNext(retryAfterMs(response));
    const isChallenged = (statusCode === 401 || statusCode === 407) && !this.#cancelled;
    if (!isChallenged || !this.#authorization.accept(response)) return false;
    this.#attempt();
    return true;
  }

  /** The server has failed. @returns false if there is no other, or the call is no longer wanted */
  #tryNext(restMs?: number): boolean {
    if (!this.#failover.tryNext(restMs) || this.#cancelled || this.isReleased) return false;
    this.#attemptAnew();
    return true;
  }

  /** A new INVITE, or another server, brings challenges of its own. */
  #attemptAnew(): void {
    this.#authorization = this.#newAuthorization();
    this.#attempt();
  }

  #newAuthorization(): Authorization {
    return this.digest.begin({ failover: this.#failover, isInDialog: false });
  }

  /**
   * Begins before the plugin sees the response that calls for the attempt, so that cancel() finds the new INVITE. Each attempt is a new
   * request, because the ACK of a challenge is made from the request that was challenged (RFC 3261 section 17.1.1.3).
   */
  #attempt(): void {
    this.#request = this.#makeRequest(this.#request.cseq + 1, this.#options);
    this.#client = this.#send();
  }

  onSilence(client: InviteClient): void {
    if (this.#tryNext()) client.giveUp();
  }

  onDialog(client: InviteClient, response: ResponseMessage, dialog: InviteDialog, acknowledge: Acknowledge): void {
    if (this.dialog || this.isReleased || client.isGivenUp) {
      this.#refuse(response, dialog, acknowledge);
      return;
    }
    this.#forgetEarly();
    this.#options = NO_OPTIONS; // no further attempt follows
    this.acknowledge = ({ body } = {}) => acknowledge({ body });
    this.adopt(dialog, false);
    this.listener.onResponse(responseView(response, true));
  }

  /**
   * The first telephone to answer gets the call. A later 2xx, or one after the release, is acknowledged and ended with BYE (RFC 3261
   * section 13.2.2.4).
   */
  #refuse(response: ResponseMessage, fork: InviteDialog, acknowledge: Acknowledge): void {
    const { body: offer } = responseView(response, false);
    const answer = this.#request.body || !offer ? undefined : this.listener.answerSpare(offer);
    acknowledge({ body: messageBody(answer) });
    sendInDialog(this.core, fork, this.digest, 'BYE', {}, () => undefined);
    fork.dispose();
    this.listener.onResponse(responseView(response, false));
  }
}

/** Settles after the handlers of all promises that are settled by now. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
