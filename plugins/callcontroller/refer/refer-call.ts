import type {
  Body,
  CallReason,
  IncomingRequest,
  Invitation,
  LegListener,
  OutgoingLeg,
  ReplyOptions,
  Sip,
  SipResponse,
} from '../../../sdk/index.js';
import type { AnsweredLeg, Call } from '../call.js';
import { calledHeaders, firstInvite } from '../first-invite.js';
import type { CallRequest } from '../http/call-request.js';
import type { CallRecord } from '../model/call-record.js';
import { type Cause, failedAt, givenUp, hungUpBy, refusedBy } from '../model/reasons.js';
import { Offers } from '../offers.js';
import { endHeaders, reason } from '../reason.js';
import { LegSession } from '../sdp.js';
import { descriptionIn } from '../session-description.js';
import type { Settings } from '../settings.js';
import { StateMachine } from '../state-machine.js';
import { ProgressRecord } from './progress-record.js';
import { referFacts } from './refer-facts.js';
import { leavesAnotherWay } from './refer-refusals.js';
import { ReferRetries } from './refer-retries.js';
import { type CallEvent, type Effect, REFER_CALL, type State } from './refer-states.js';
import { parseSipfrag, type Sipfrag } from './sipfrag.js';
import { statusDocument } from './status-document.js';

/** How long a calling party that has reported progress may then be silent, in milliseconds: as long as a telephone rings. */
const PROGRESS_TIMEOUT_MS = 180_000;

/** How long the phone may still report on the called party after the controller has left, unless the phone says so itself. */
const DEFAULT_TOLD_MS = 60_000;

const REQUEST_TIMEOUT = { status: 408, reason: 'Request Timeout' };

/** Without Event, a NOTIFY belongs to the only subscription. */
const REFER_EVENT = /^\s*(?:refer\s*(?:;|$)|$)/i;

/** Gets the progress of the call. */
export interface ReferCallOwner {
  /** What is known of the call. */
  readonly record: CallRecord;
  /** Called once, when the call is over. NOTIFYs may still come, and are recorded. */
  onEnd(): void;
  /** Called after that, when nothing can come any more: the record is all that is left of the call. */
  onSettled(record: ProgressRecord): void;
  /** Takes over a calling party that does not support REFER; without it such a call ends. */
  onHandOver?(answered: AnsweredLeg): void;
}

/**
 * One Refer call: it turns SIP messages into events, steps through the state table, and performs the effects in order. It
 * owns its leg and its one timer.
 */
export class ReferCall implements Call, LegListener {
  /** Settles when the INVITE was handed to the transport. */
  readonly placed: Promise<void>;
  readonly #progress: ProgressRecord;
  #leg: OutgoingLeg | undefined;
  readonly #session: LegSession;
  readonly #offers: Offers;
  readonly #invitation: Invitation;
  /** The latest INVITE carries an offer; otherwise the ACK carries the answer to the telephone's. */
  #hasOffered = true;
  readonly #machine = new StateMachine<State, CallEvent, Effect>(
    REFER_CALL,
    'calling',
    (effect) => this.#perform(effect),
    (from, event, to) => this.#observe(from, event, to),
  );
  #timer: NodeJS.Timeout | undefined;
  #isForgotten = false;
  #subscribed = false;
  #isNotified = false;
  readonly #retries = new ReferRetries();
  #retryDelayMs: number | undefined;
  #failure: Sipfrag | undefined;
  /** The calling party's response to the INVITE or the REFER that ends the call. */
  #refusal: SipResponse | undefined;
  #cause: Cause = 'hangUp';
  /** How long the subscription goes on after the controller has left. */
  #toldForMs = DEFAULT_TOLD_MS;
  /** The calling party's, for who takes it over. */
  #description = '';
  /** Who has taken it over. */
  #successor: LegListener | undefined;

  /** Sends the INVITE. */
  constructor(
    readonly request: CallRequest,
    private readonly sip: Sip,
    settings: Settings,
    private readonly owner: ReferCallOwner,
  ) {
    this.#session = new LegSession(sip.host, 'sendonly');
    this.#offers = Offers.startingWith(settings.initialOffer);
    this.#invitation = firstInvite(request, sip.domain, settings.autoAnswer, {
      body: this.#nextOffer(),
      onMessage: (message, text) => owner.record.addMessage('caller', message, text),
    });
    const leg = sip.invite(this.#invitation, this);
    this.#leg = leg;
    this.#progress = new ProgressRecord(leg.callId);
    owner.record.addLeg('caller', leg.callId);
    this.placed = leg.sent;
    this.#startTimer('timer.ring', request.timeoutMs);
  }

  get hasEnded(): boolean {
    return this.#machine.isStopped || this.#machine.state === 'ended';
  }

  document(): string {
    return statusDocument(this.#progress);
  }

  abandon(cause: Cause): void {
    this.#cause = cause;
    this.#machine.step('abandoned');
  }

  letGo(): void {
    this.#machine.stop();
    this.#stopTimer();
    this.#leg?.letGo();
    this.#leg = undefined;
  }

  forget(): void {
    this.#isForgotten = true;
    this.#releaseLeg();
  }

  onResponse(response: SipResponse): void {
    if (this.#successor) return this.#successor.onResponse?.(response);
    const isOwnTimeout = response.local && this.#machine.state === 'cancelling';
    if (!isOwnTimeout) this.#recordLine('INVITE', response.statusLine);
    this.#recordResponse(response);
    if (!response.final) return;
    if (this.#machine.state === 'calling' && this.#offers.mayTryAgain(response.status)) return this.#offerAgain();
    if (this.owner.onHandOver || !this.#hasOffered) this.#description = descriptionIn(response.body) ?? '';
    this.#machine.step(response.status < 300 ? 'calling.answered' : 'calling.failed');
  }

  onRequest(request: IncomingRequest): void {
    if (this.#successor) return this.#successor.onRequest?.(request);
    switch (request.method) {
      case 'BYE':
        return this.#machine.step('calling.hungUp');
      case 'NOTIFY':
        return this.#onNotify(request);
      case 'INVITE':
        return request.reply(200, { body: this.#session.respond(descriptionIn(request.body)) });
      case 'UPDATE':
        return request.reply(200, this.#answerTo(request.body));
      case 'INFO':
        return request.reply(200);
      default:
        return request.reply(501);
    }
  }

  answerSpare(offer: Body): Body {
    return this.#session.fork().answerSilence(descriptionIn(offer) ?? '');
  }

  onReinviteCancelled(): void {
    this.#successor?.onReinviteCancelled?.();
  }

  onAck(body: Body | undefined): void {
    this.#successor?.onAck?.(body);
  }

  onAckTimeout(): void {
    if (this.#successor) this.#successor.onAckTimeout?.();
    else this.#machine.step('calling.hungUp');
  }

  #nextOffer(): Body | undefined {
    const body = this.#offers.next()?.(this.#session);
    this.#hasOffered = body !== undefined;
    return body;
  }

  /** The telephone refuses the offer rather than the call, so it gets the next kind. */
  #offerAgain(): void {
    const { headers = [] } = this.#invitation;
    const body = this.#nextOffer();
    this.#leg?.inviteAgain({ headers, ...(body && { body }) });
  }

  #answerTo(body: Body | undefined): ReplyOptions {
    const offer = descriptionIn(body);
    return offer === undefined ? {} : { body: this.#session.answerSilence(offer) };
  }

  #recordResponse(response: SipResponse): void {
    const { record } = this.owner;
    record.addResponse('caller', response);
    if (response.status === 180 || response.status === 183) record.note('callerRinging');
    if (response.final && response.status >= 300) this.#refusal = response;
  }

  #onReferResponse(response: SipResponse): void {
    if (response.status < 200) return;
    // A NOTIFY shows that the REFER was accepted, even without its response (RFC 6665 section 4.1.2.4).
    if (response.local && this.#isNotified) return;
    this.#recordLine('REFER', response.statusLine);
    if (!response.final) return;
    this.#subscribed &&= response.status < 300;
    if (response.status >= 300) this.#refusal = response;
    this.#machine.step(this.#referEvent(response));
    this.#releaseLeg();
  }

  #referEvent(response: SipResponse): CallEvent {
    const { status } = response;
    if (status < 300) return 'refer.accepted';
    this.#retryDelayMs = this.#retries.delayMs(response);
    if (this.#retryDelayMs !== undefined) return 'refer.postponed';
    return this.owner.onHandOver && leavesAnotherWay(response) ? 'refer.unsupported' : 'refer.refused';
  }

  #onNotify(request: IncomingRequest): void {
    if (!REFER_EVENT.test(request.header('event') ?? '')) return request.reply(489);
    request.reply(200);
    this.#isNotified = true;
    const sipfrag = parseSipfrag(request.body);
    if (sipfrag) this.#recordLine('NOTIFY', sipfrag.statusLine);
    if (sipfrag && sipfrag.status >= 300) this.#failure = sipfrag;
    const state = request.header('subscription-state') ?? '';
    const isOver = /^\s*terminated\b/i.test(state);
    this.#toldForMs = toldForMs(state);
    if (isOver) this.#subscribed = false;
    this.#machine.step(notifyEvent(sipfrag, isOver));
    this.#releaseLeg();
  }

  #perform(effect: Effect): void {
    switch (effect) {
      case 'ack':
        return this.#leg?.ack(this.#hasOffered ? undefined : this.#session.answerSilence(this.#description));
      case 'refer':
        return this.#refer();
      case 'cancel':
        return this.#leg?.cancel({ headers: endHeaders(this.#cause) });
      case 'bye':
        return this.#bye();
      case 'byeWithReason':
        return this.#bye(this.#failure);
      case 'recordRingTimeout':
        return this.#recordLine('INVITE', 'SIP/2.0 408 Request Timeout');
      case 'recordNotifyTimeout':
        return this.#recordLine('NOTIFY', 'SIP/2.0 408 Request Timeout');
      case 'recordAbandoned':
        return this.#recordLine('INVITE', 'SIP/2.0 487 Request Terminated');
      case 'handOver':
        return this.#handOver();
      case 'startCancelTimer':
        return this.#startTimer('timer.cancel', this.sip.transactionTimeoutMs);
      case 'startNotifyTimer':
        return this.#startTimer(
          'timer.notify',
          this.#machine.state === 'following' ? PROGRESS_TIMEOUT_MS : this.sip.transactionTimeoutMs,
        );
      case 'startRetryTimer':
        return this.#startTimer('timer.retry', this.#retryDelayMs ?? 0);
      case 'stopTimer':
        return this.#stopTimer();
      case 'end':
        this.owner.onEnd();
        this.owner.record.endLeg('caller');
        if (this.#subscribed) this.#timer = setTimeout(() => this.owner.record.note('handedOver'), this.#toldForMs);
        return this.#releaseLeg();
    }
  }

  #observe(from: State, event: CallEvent, to: State): void {
    for (const fact of referFacts(from, event, to))
      this.owner.record.note(fact, fact === 'ended' ? this.#reasonOf(event) : undefined);
  }

  #reasonOf(event: CallEvent): CallReason {
    switch (event) {
      case 'calling.failed':
        return refusedBy('caller', this.#refusal ?? REQUEST_TIMEOUT);
      case 'calling.hungUp':
        return hungUpBy('caller', false);
      case 'called.failed':
        return refusedBy('callee', { status: this.#failure?.status ?? 0, reason: textOf(this.#failure) });
      case 'timer.ring':
        return refusedBy('caller', REQUEST_TIMEOUT);
      case 'abandoned':
        return givenUp(this.#cause, false);
      default:
        // The phone has answered, but did not do as asked.
        return failedAt('caller', this.#refusal ?? REQUEST_TIMEOUT);
    }
  }

  #refer(): void {
    const { called, agent } = this.request;
    const headers = calledHeaders(this.request).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const query = headers.length > 0 ? `?${headers.join('&')}` : '';
    this.#subscribed = true;
    this.#leg?.send(
      'REFER',
      {
        headers: [
          ['Refer-To', `<sip:${called}${query}>`],
          ['Referred-By', `<sip:${agent}>`],
        ],
      },
      (response) => this.#onReferResponse(response),
    );
  }

  #handOver(): void {
    const leg = this.#leg;
    this.#leg = undefined;
    if (!leg) return;
    this.owner.onHandOver?.({
      leg,
      session: this.#session,
      description: this.#description,
      listen: (listener) => {
        this.#successor = listener;
      },
    });
  }

  #bye(failure?: Sipfrag): void {
    const headers = failure ? [['Reason', reasonOf(failure)] as const] : endHeaders(this.#cause);
    this.#leg?.bye({ headers }, (response) => {
      if (response.final) this.#machine.step('bye.answered');
    });
  }

  #recordLine(method: string, statusLine: string): void {
    this.#progress.add(method, statusLine);
  }

  #startTimer(event: CallEvent, delayMs: number): void {
    this.#stopTimer();
    this.#timer = setTimeout(() => this.#machine.step(event), delayMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The leg is kept for the NOTIFYs that come after the BYE (RFC 5057), as long as anybody can ask for them. */
  #releaseLeg(): void {
    if (!this.#leg || !this.hasEnded || (this.#subscribed && !this.#isForgotten)) return;
    this.#stopTimer();
    this.#leg.release();
    this.#leg = undefined;
    this.owner.record.note('handedOver');
    this.owner.onSettled(this.#progress);
  }
}

function notifyEvent(sipfrag: Sipfrag | undefined, isOver: boolean): CallEvent {
  const status = sipfrag?.status ?? 100;
  if (status >= 300) return 'called.failed';
  if (status >= 200) return 'called.answered';
  if (isOver) return 'subscription.ended';
  return status === 180 || status === 183 ? 'called.ringing' : 'called.trying';
}

function reasonOf(failure: Sipfrag): string {
  return reason(failure.status, textOf(failure));
}

function textOf(sipfrag: Sipfrag | undefined): string {
  return sipfrag?.statusLine.replace(/^SIP\/2\.0 \d+ ?/, '') ?? '';
}

/** How long the subscription of that Subscription-State goes on, in milliseconds. */
function toldForMs(subscriptionState: string): number {
  const seconds = /;\s*expires\s*=\s*(\d{1,5})\b/i.exec(subscriptionState)?.[1];
  return seconds === undefined ? DEFAULT_TOLD_MS : Math.min(Number(seconds) * 1_000, PROGRESS_TIMEOUT_MS);
}
