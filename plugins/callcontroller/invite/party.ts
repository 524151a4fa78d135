import type {
  Body,
  Header,
  IncomingRequest,
  Invitation,
  Leg,
  LegListener,
  OutgoingLeg,
  ReplyOptions,
  RequestOptions,
  Restoration,
  Sip,
  SipResponse,
} from '../../../sdk/index.js';
import { type Describe, type Offers, wantsOffer } from '../offers.js';
import type { LegSession } from '../sdp.js';
import { descriptionIn } from '../session-description.js';
import type { PartySnapshot } from './invite-snapshot.js';
import type { PartyListener, PartyState, PartyTimes } from './party-listener.js';
import { isDialogDead, MAX_RETRIES, REINVITE_PATIENCE_MS, retryDelayMs } from './responses.js';
import { minSeOf422, SESSION_REQUESTS, SessionTimer } from './session-timer.js';
import { Timers } from './timers.js';

/** One telephone of an Invite call: its leg, its timers, and its end. */
export class Party {
  /** The party's description in force, or its offer that waits for an answer. */
  description = '';
  #leg: Leg | undefined;
  /** The leg while its INVITE may be repeated or cancelled. */
  #invited: OutgoingLeg | undefined;
  #state: PartyState = 'Early Dialog';
  #statusLine = '';
  #isDismissed = false;
  /** What the party is told with its BYE or CANCEL. */
  #endOptions: RequestOptions = {};
  #isClosed = false;
  /** The INVITE was refused, and waits to be sent with an offer. */
  #isWaiting = false;
  /** Of an INVITE outside a dialog. */
  #onInviteResponse: ((response: SipResponse) => void) | undefined;
  #inviteAgain: ((offer: Body | undefined) => void) | undefined;
  /** The status line says why the leg is over; no later response replaces it. */
  #isExplained = false;
  /** A 2xx with an offer of the party's waits for its ACK. */
  #owesAnswer = false;
  /** Our own description that is in force. */
  #ownDescription: Body | undefined;
  #knowsUpdate = false;
  /** The party is to be told that this process has its leg now. */
  #firstRefresh: NodeJS.Timeout | undefined;
  readonly #timers = new Timers();
  readonly #sessionTimer: SessionTimer;

  constructor(
    readonly session: LegSession,
    private readonly times: PartyTimes,
    private readonly listener: PartyListener<Party>,
  ) {
    this.#sessionTimer = new SessionTimer(
      times.sessionExpiresSeconds,
      () => this.#refresh(),
      () => this.#lose('SIP/2.0 408 Session Expired'),
    );
  }

  /**
   * Sends the INVITE, and again when the party wants a longer session interval or another kind of offer.
   * @param offers undefined if the party is to make the offer; where it refuses to, `inviteWith` brings one
   */
  invite(sip: Sip, invitation: Invitation, offers?: Offers): void {
    const { uri, to, from, credentials, headers = [], onMessage } = invitation;
    let body = offers?.next()?.(this.session);
    const options = (): RequestOptions => ({ headers: [...headers, ...this.#sessionHeaders], body });
    this.#inviteAgain = (offer) => {
      body = offer;
      this.#invited?.inviteAgain(options());
    };
    this.#onInviteResponse = (response) => {
      if (this.#isDismissed || !response.final) this.#onResponse(response, body);
      else if (offers?.mayTryAgain(response.status)) this.#inviteAgain?.(offers.next()?.(this.session));
      else if (this.#sessionTimer.lengthen(response)) this.#inviteAgain?.(body);
      else if (!offers && !body && wantsOffer(response.status)) this.#wait(response);
      else this.#onResponse(response, body);
    };
    this.#invited = sip.invite({ uri, to, from, credentials, onMessage, ...options() }, this.legListener);
    this.#leg = this.#invited;
  }

  /** Repeats the INVITE that was refused for lack of an offer, with an offer. */
  inviteWith(describe: Describe): void {
    this.#isWaiting = false;
    this.#inviteAgain?.(describe(this.session));
  }

  /** Takes over a leg whose INVITE was answered, and acknowledged, already. Its listener has to become `legListener`. */
  take(leg: OutgoingLeg, description: string): void {
    this.#leg = leg;
    this.description = description;
    this.#statusLine = 'SIP/2.0 200 OK';
    this.#confirm();
  }

  /**
   * Goes on with the leg of another process, and moves the party's requests to this one (target refresh, RFC 3261 section 12.2).
   * @param refreshAfterMs when to refresh the target, unless another request has done so by then; undefined if at once
   * @throws Error on an invalid snapshot of a leg
   */
  restore(sip: Sip, snapshot: PartySnapshot, restoration: Restoration, refreshAfterMs?: number): void {
    this.#leg = sip.restore(snapshot.leg, restoration, this.legListener);
    this.description = snapshot.description;
    this.#ownDescription = snapshot.ownDescription;
    this.#knowsUpdate = snapshot.knowsUpdate;
    this.#statusLine = snapshot.statusLine;
    this.#sessionTimer.restore(snapshot.sessionTimer);
    this.#confirm();
    if (refreshAfterMs === undefined) this.#refresh();
    else this.#firstRefresh = this.#timers.after(refreshAfterMs, () => this.#refresh());
  }

  /** @throws Error where its leg is not confirmed, or being ended */
  snapshot(): PartySnapshot {
    return {
      leg: this.leg.snapshot(),
      session: this.session.snapshot(),
      sessionTimer: this.#sessionTimer.snapshot(),
      description: this.description,
      ownDescription: this.#ownDescription,
      knowsUpdate: this.#knowsUpdate,
      statusLine: this.#statusLine,
    };
  }

  readonly legListener: LegListener = {
    onResponse: (response) => this.#onInviteResponse?.(response),
    onRequest: (request) => this.#onRequest(request),
    onReinviteCancelled: () => this.listener.onReinviteCancelled(this),
    onAck: (body) => {
      this.#note(body);
      this.listener.onAck(this, body);
    },
    onAckTimeout: () => this.#lose('SIP/2.0 408 Request Timeout'),
    answerSpare: (offer) => this.session.fork().answerSilence(descriptionIn(offer) ?? ''),
  };

  /** Settles when the INVITE was handed to the transport, or could not be. */
  get sent(): Promise<void> {
    return this.#invited?.sent ?? Promise.resolve();
  }

  get leg(): Leg {
    if (!this.#leg) throw new Error('The party was not called yet');
    return this.#leg;
  }

  get state(): PartyState {
    return this.#state;
  }

  /** Why the leg is in its state: the last response to the INVITE, or what ended it. */
  get statusLine(): string {
    return this.#statusLine;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the party has left the call: its leg is over, or being ended. */
  get isGone(): boolean {
    return this.#isDismissed || this.#isClosed;
  }

  /** Its latest 2xx has an offer, which waits for the answer. */
  get owesAnswer(): boolean {
    return this.#owesAnswer;
  }

  /** Answers the offer of the latest 2xx in the ACK. Does nothing if none waits for its answer any more. */
  answer(body: Body): void {
    if (!this.#owesAnswer) return;
    this.#owesAnswer = false;
    this.#ownDescription = body;
    this.leg.ack(body);
    this.listener.onAgreed(this);
  }

  /** Answers the offer of the latest 2xx with silence. Does nothing if none waits for its answer. */
  acknowledge(): void {
    if (this.#owesAnswer) this.answer(this.session.answerSilence(this.description));
  }

  /** Sends a request other than INVITE and BYE in the dialog. */
  send(method: string, { headers = [], body }: RequestOptions, onResponse: (response: SipResponse) => void): void {
    const refreshes = SESSION_REQUESTS.has(method);
    const all = [...headers, ...(refreshes ? this.#sessionHeaders : [])];
    this.leg.send(method, { headers: all, ...(body && { body }) }, (response) => {
      if (refreshes && response.final && response.status < 300) this.#agree(response, body);
      onResponse(response);
      if (isDialogDead(method, response)) this.#lose(response.statusLine);
    });
  }

  /** Sends one re-INVITE; without a body the party makes an offer, which the owner answers. @returns cancels the re-INVITE */
  reinviteOnce(
    body: Body | undefined,
    headers: readonly Header[],
    onResponse: (response: SipResponse) => void,
  ): () => void {
    const all = [...headers, ...this.#sessionHeaders];
    let cancel = this.leg.reinvite({ headers: all, ...(body && { body }) }, (response) => {
      if (response.final) this.#timers.clear(patience);
      if (!this.isGone && this.#sessionTimer.lengthen(response)) {
        cancel = this.reinviteOnce(body, headers, onResponse);
        return;
      }
      if (response.final && response.status < 300) this.#accept(response, body);
      onResponse(response);
      if (isDialogDead('INVITE', response)) this.#lose(response.statusLine);
    });
    const patience = this.#timers.after(REINVITE_PATIENCE_MS, () => cancel());
    return () => cancel();
  }

  /**
   * Changes the session. A re-INVITE that crosses another is repeated after the RFC's time (RFC 3261 section 14.1), one that came
   * too early after the party's Retry-After.
   * @param onEnd called with the last response; not called when the party is gone
   */
  reinvite(describe: Describe | undefined, onEnd: (response: SipResponse) => void, retriesLeft = MAX_RETRIES): void {
    this.reinviteOnce(describe?.(this.session), [], (response) => {
      if (!response.final || this.isGone) return;
      const delayMs = retryDelayMs(response);
      if (delayMs === undefined || retriesLeft === 0) onEnd(response);
      else this.#timers.after(delayMs, () => this.reinvite(describe, onEnd, retriesLeft - 1));
    });
  }

  /** Answers a request of the party's. A 2xx settles what it offers, and its session timer. */
  reply(request: IncomingRequest, status: number, options: ReplyOptions = {}): void {
    const isAccepted = SESSION_REQUESTS.has(request.method) && status >= 200 && status < 300;
    if (!isAccepted || this.isGone) return request.reply(status, options);
    this.#note(request.body);
    if (options.body) this.#ownDescription = options.body;
    const headers = [...(options.headers ?? []), ...this.#sessionTimer.onAccept(request)];
    request.reply(status, { ...options, headers });
    return this.listener.onAgreed(this);
  }

  /** Ends the leg: CANCEL, or BYE. Later answers are acknowledged and ended too. */
  dismiss(options: RequestOptions = {}): void {
    if (this.isGone) return;
    this.#isDismissed = true;
    this.#endOptions = options;
    this.#stopTimers();
    if (this.#isWaiting) {
      this.#close();
    } else if (this.#state === 'Early Dialog') {
      const { headers = [] } = options;
      this.#invited?.cancel({ headers });
      this.#timers.after(this.times.transactionMs, () => this.#close());
    } else {
      this.#bye(options);
    }
  }

  /** The leg is another node's now: nothing is sent, not even a BYE. */
  letGo(): void {
    this.#isClosed = true;
    this.#stopTimers();
    this.#leg?.letGo();
  }

  /** Shows why the leg is over, or about to be. */
  explain(statusLine: string): void {
    this.#statusLine = statusLine;
    this.#isExplained = true;
  }

  /** Attended transfers are passed on to the party behind the controller, so the controller announces Replaces (RFC 3891). */
  get #sessionHeaders(): Header[] {
    return [['Supported', 'replaces, timer'], ...this.#sessionTimer.requestHeaders];
  }

  #onResponse(response: SipResponse, body: Body | undefined): void {
    if (!this.#isExplained) this.#statusLine = response.statusLine;
    this.listener.onResponse(this, response);
    if (!response.final) return;
    if (response.status >= 300) {
      this.#close();
      if (!this.#isDismissed) this.listener.onFailed(this, response);
      return;
    }
    this.#accept(response, body);
    if (this.#isDismissed) return this.#bye(this.#endOptions);
    this.#confirm();
    this.listener.onAnswered(this);
  }

  #wait(refusal: SipResponse): void {
    this.#statusLine = refusal.statusLine;
    this.#isWaiting = true;
    this.listener.onOfferWanted(this, refusal);
  }

  #confirm(): void {
    this.#state = 'Confirmed Dialog';
    this.#askLater();
  }

  /** Checks from time to time that the party is still there; any answer will do. */
  #askLater(): void {
    const onResponse = ({ final }: SipResponse): void => {
      if (final && !this.isGone) this.#askLater();
    };
    this.#timers.after(this.times.livenessSeconds * 1_000, () => this.send('OPTIONS', {}, onResponse));
  }

  /** A 2xx to our INVITE: acknowledged at once if it answers our offer. */
  #accept(response: SipResponse, offer: Body | undefined): void {
    this.#agree(response, offer);
    this.#knowsUpdate = response.headers('allow').some((value) => /\bUPDATE\b/.test(value));
    this.#owesAnswer = offer === undefined && descriptionIn(response.body) !== undefined;
    if (!this.#owesAnswer) this.leg.ack();
    else if (this.#isDismissed) this.acknowledge();
  }

  /** A 2xx to an INVITE or UPDATE of ours puts both descriptions in force, and begins a session interval. */
  #agree(response: SipResponse, offer: Body | undefined): void {
    this.#note(response.body);
    if (descriptionIn(offer) !== undefined) this.#ownDescription = offer;
    if (this.isGone) return;
    if (this.#firstRefresh) this.#timers.clear(this.#firstRefresh);
    this.#sessionTimer.onAnswer(response);
    this.listener.onAgreed(this);
  }

  #onRequest(request: IncomingRequest): void {
    if (request.method === 'BYE') {
      this.#close();
      if (!this.#isDismissed) this.listener.onHungUp(this, request);
      return;
    }
    if (this.isGone) return request.reply(481);
    const minSe = SESSION_REQUESTS.has(request.method) ? minSeOf422(request) : undefined;
    if (minSe !== undefined) return request.reply(422, { headers: [['Min-SE', minSe]] });
    return this.listener.onRequest(this, request);
  }

  #note(body: Body | undefined): void {
    this.description = descriptionIn(body) ?? this.description;
  }

  #bye(options: RequestOptions): void {
    this.acknowledge();
    this.#state = 'Completed Dialog';
    this.leg.bye(options, (response) => {
      if (response.final) this.#close();
    });
  }

  /**
   * Refreshes the session and the target: by UPDATE without a description where the party knows it, else by re-INVITE with the same one
   * (RFC 4028 section 7.4). An UPDATE that comes at a bad time is repeated as a re-INVITE is.
   */
  #refresh(retriesLeft = MAX_RETRIES): void {
    const own = this.#ownDescription;
    const onEnd = (response: SipResponse): void => {
      if (!response.final || response.status < 300 || this.isGone) return;
      const delayMs = response.method === 'UPDATE' ? retryDelayMs(response) : undefined;
      if (delayMs === undefined || retriesLeft === 0) this.#sessionTimer.onRefreshRefused();
      else this.#timers.after(delayMs, () => this.#refresh(retriesLeft - 1));
    };
    if (this.#knowsUpdate || !own) this.send('UPDATE', {}, onEnd);
    // It may be repeated, and something else may have changed the session by then.
    else this.reinvite(() => this.#ownDescription ?? own, onEnd);
  }

  #lose(statusLine: string): void {
    if (this.isGone) return;
    this.explain(statusLine);
    this.listener.onLost(this);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#state = 'Terminated Dialog';
    this.#stopTimers();
    this.leg.release();
    this.listener.onClosed(this);
  }

  #stopTimers(): void {
    this.#timers.clearAll();
    this.#sessionTimer.stop();
  }
}
