import type { RequestMessage } from '../message/parser/received-message.js';
import type { ResponseOptions } from '../message/response.js';
import { randomInt } from 'node:crypto';
import type { Origin } from '../transport/transport.js';
import { AcceptedInvite } from './accepted-invite.js';
import { OfferAnswer, type OfferState } from './offer-answer.js';
import { Dialog, type DialogHost, type DialogState } from './dialog.js';
import { ReInviteServer } from './reinvite-server.js';
import { RequestServer } from './request-server.js';

/** The owner of the call. */
export interface InviteDialogListener {
  /** The ACK to a 2xx of ours. */
  onAck?(ack: RequestMessage): void;
  /** A 2xx of ours was never acknowledged. */
  onAckTimeout?(): void;
  /** The dialog has ended. */
  onBye(bye: RequestServer): void;
  onReinvite?(reinvite: ReInviteServer): void;
  onUpdate?(update: RequestServer): void;
  /** INFO, MESSAGE, NOTIFY, REFER. */
  onRequest?(request: RequestServer): void;
}

/** The answer to a request without a listener. */
const UNHEARD: Readonly<Record<string, ResponseOptions>> = {
  INFO: { statusCode: 469, extraHeaders: ['Recv-Info:'] }, // RFC 6086 section 4.2.2
  MESSAGE: { statusCode: 200 },
  NOTIFY: { statusCode: 200 },
  REFER: { statusCode: 480 },
};

const NO_LISTENER: InviteDialogListener = { onBye: (bye) => bye.reply({ statusCode: 200 }) };
const NOTHING: readonly never[] = [];

/** The dialog of a call: the INVITE usage of RFC 5057. */
export class InviteDialog extends Dialog {
  listener: InviteDialogListener = NO_LISTENER;
  readonly offers: OfferAnswer;
  #reinvite: ReInviteServer | undefined;
  #update: RequestServer | undefined;
  /** INVITEs whose 2xx waits for its ACK. */
  #accepted: readonly AcceptedInvite[] = NOTHING;
  #isMortal = false;
  #isDisposed = false;

  /** @param offers state of the exchange of offer and answer */
  constructor(host: DialogHost, state: DialogState, offers: OfferState) {
    super(host, state);
    this.offers = new OfferAnswer(offers);
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** A 2xx was sent. @param send sends it again */
  awaitAck(cseq: number, send: () => void): void {
    this.#accepted = this.#accepted.concat(new AcceptedInvite(cseq, send));
  }

  /** The ACK can no longer come. */
  missAck(cseq: number): void {
    if (this.#isAcknowledged(cseq)) this.listener.onAckTimeout?.();
  }

  forgetReinvite(): void {
    this.#reinvite = undefined;
    this.offers.step('over');
  }

  /**
   * Our BYE is about to be sent. Until its response comes, the dialog answers a crossing BYE with 200 (RFC 5407 section 2, the mortal
   * state) and everything else with 481.
   */
  end(): void {
    this.#isMortal = true;
    this.#stop();
  }

  override dispose(): void {
    this.#isDisposed = true;
    this.#stop();
    super.dispose();
  }

  override receiveRequest(request: RequestMessage, source: Origin): void {
    if (request.method === 'ACK') return this.#receiveAck(request);
    if (this.#isMortal) return this.#receiveMortal(request, source);
    if (!this.isInOrder(request, source)) return;
    if (request.method === 'BYE') this.#receiveBye(request, source);
    else if (request.method === 'INVITE') this.#receiveReinvite(request, source);
    else if (request.method === 'UPDATE') this.#receiveUpdate(request, source);
    else this.#receiveOther(request, source);
  }

  #receiveAck(ack: RequestMessage): void {
    if (this.#isMortal || !this.#isAcknowledged(ack.cseq)) return;
    if (this.#reinvite?.message.cseq === ack.cseq) this.forgetReinvite();
    else if (this.offers.state === 'offered') this.offers.step('over');
    this.listener.onAck?.(ack);
  }

  /** Whether a 2xx waited for this ACK. Ends the wait. */
  #isAcknowledged(cseq: number): boolean {
    const accepted = this.#accepted.find((each) => each.cseq === cseq);
    accepted?.stop();
    this.#accepted = this.#accepted.filter((each) => each !== accepted);
    return accepted !== undefined;
  }

  #receiveMortal(request: RequestMessage, source: Origin): void {
    if (request.method === 'BYE') new RequestServer(this.host, request, source).reply({ statusCode: 200 });
    else this.host.replyStateless(request, { statusCode: 481 }, source);
  }

  #receiveBye(request: RequestMessage, source: Origin): void {
    this.listener.onBye(new RequestServer(this.host, request, source));
    this.dispose();
  }

  /** Refuses a re-INVITE that crosses another INVITE (RFC 3261 section 14.2). */
  #receiveReinvite(request: RequestMessage, source: Origin): void {
    const status = this.offers.step('invited');
    if (status === 500) return this.#refuseForNow(request, source);
    if (status) return this.host.replyStateless(request, { statusCode: status }, source);
    this.refreshTarget(request);
    const server = new ReInviteServer(this.host, this, request, source);
    this.#reinvite = server;
    if (this.listener.onReinvite) this.listener.onReinvite(server);
    else server.reply({ statusCode: 488 });
  }

  /** Refuses an offer that crosses another (RFC 3311 section 5.2). */
  #receiveUpdate(request: RequestMessage, source: Origin): void {
    const { listener } = this;
    if (!listener.onUpdate) return this.host.replyStateless(request, { statusCode: 501 }, source);
    const server = new RequestServer(this.host, request, source);
    const isCrossed = this.#update?.isAnswered === false;
    const status = isCrossed ? 500 : request.body !== '' && this.offers.step('updated');
    if (status === 500) return server.reply({ statusCode: 500, extraHeaders: [`Retry-After: ${randomInt(0, 11)}`] });
    if (status) return server.reply({ statusCode: status });
    this.#update = server;
    this.refreshTarget(request);
    listener.onUpdate(server);
  }

  #receiveOther(request: RequestMessage, source: Origin): void {
    const refusal = UNHEARD[request.method];
    if (!refusal) return this.host.replyStateless(request, { statusCode: 501 }, source);
    const server = new RequestServer(this.host, request, source);
    if (this.listener.onRequest) this.listener.onRequest(server);
    else server.reply(refusal);
  }

  #refuseForNow(request: RequestMessage, source: Origin): void {
    const extraHeaders = [`Retry-After: ${randomInt(1, 11)}`];
    this.host.replyStateless(request, { statusCode: 500, extraHeaders }, source);
  }

  #stop(): void {
    for (const accepted of this.#accepted) accepted.stop();
    this.#accepted = NOTHING;
  }
}
