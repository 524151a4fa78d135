import type { Header, Invitation, Leg, RequestOptions, Sip, SipResponse } from '../../../sdk/index.js';
import type { AnsweredLeg, Call } from '../call.js';
import { callerOf, COMMON_HEADERS, firstInvite } from '../first-invite.js';
import type { CallRequest } from '../http/call-request.js';
import { reason } from '../reason.js';
import { isSdp, LegSession } from '../sdp.js';
import type { Settings } from '../settings.js';
import { StateMachine } from '../state-machine.js';
import { dialogsDocument } from './dialogs-document.js';
import { endToEndHeaders } from './end-to-end.js';
import { type CallEvent, type Effect, INVITE_CALL } from './invite-states.js';
import { type Describe, Offers } from './offers.js';
import { Parties, type Role } from './parties.js';
import { Party } from './party.js';
import type { PartyListener } from './party-listener.js';
import { answerAlone, Relay } from './relay.js';
import type { DialogId, LegBehind } from './replaces.js';

/** How long the called party, or the target of a transfer, may ring, in milliseconds. */
const RING_TIMEOUT_MS = 180_000;
/** What is said of a telephone that agrees and describes nothing. */
const NOT_ACCEPTABLE = { status: 488, reason: 'Not Acceptable Here', statusLine: 'SIP/2.0 488 Not Acceptable Here' };

/** Who has the calls. */
export interface InviteCallOwner {
  /** Called once, when the call is over. */
  onEnd(call: Call): void;
  /** Looks in all Invite calls. */
  readonly legBehind: LegBehind;
}

/**
 * One Invite call: it turns what its parties do into events, steps through the state table, and performs the effects in order.
 * It owns its parties, and the timer of the one that rings.
 */
export class InviteCall implements Call {
  readonly #parties = new Parties();
  readonly #relay: Relay;
  readonly #machine = new StateMachine(INVITE_CALL, 'calling', (effect: Effect) => this.#effects[effect]());
  #timer: NodeJS.Timeout | undefined;
  /** Why the call ends: what the other legs are told. */
  #blame: RequestOptions = {};
  #refusal: SipResponse | undefined;
  #target = '';
  #onPromoted: (() => void) | undefined;

  /** Calls the calling party, or goes on with one that has answered. */
  constructor(
    readonly request: CallRequest,
    private readonly sip: Sip,
    private readonly settings: Settings,
    private readonly owner: InviteCallOwner,
    answered?: AnsweredLeg,
  ) {
    this.#relay = new Relay(owner.legBehind);
    if (answered) {
      this.#take(answered);
    } else {
      this.#inviteCalling();
      this.#startTimer(request.timeoutMs);
    }
  }

  get placed(): Promise<void> {
    return this.#parties.get('calling').leg.sent;
  }

  get hasEnded(): boolean {
    return this.#machine.state === 'ending' || this.#machine.state === 'ended';
  }

  /** Both parties are in the call, and nothing is being changed about it. */
  get isConnected(): boolean {
    return this.#machine.state === 'connected';
  }

  /** The leg to the party that talks to the one that has this dialog with the controller; undefined: none of this call's. */
  legBehind({ callId, toTag, fromTag }: DialogId): Leg | undefined {
    const party = this.#parties.present.find(
      ({ leg }) => leg.callId === callId && leg.localTag === toTag && leg.remoteTag === fromTag,
    );
    const other = party && this.#parties.partnerOf(party);
    return other?.state === 'Confirmed Dialog' ? other.leg : undefined;
  }

  document(): string {
    return dialogsDocument(this.#parties.all);
  }

  abandon(): void {
    this.#blame = {};
    this.#machine.step('command.hangup');
  }

  hold(): void {
    this.#machine.step('command.hold');
  }

  resume(): void {
    this.#machine.step('command.resume');
  }

  /** Puts the target in the calling party's place. @param onPromoted called when it is there */
  transfer(target: string, onPromoted: () => void): void {
    this.#target = target;
    this.#onPromoted = onPromoted;
    this.#machine.step('command.transfer');
  }

  /** Every leg is released when it closes: nothing is kept for the record's sake. */
  forget(): void {}

  readonly #listener: PartyListener<Party> = {
    onAnswered: (party) => {
      if (party !== this.#parties.find('called')) return this.#tell(party, 'answered');
      if (party.description) return this.#tell(party, 'offered');
      party.explain(NOT_ACCEPTABLE.statusLine);
      this.#blame = because(NOT_ACCEPTABLE.status, NOT_ACCEPTABLE.reason);
      return this.#tell(party, 'failed');
    },
    onFailed: (party, { status, reason: text }) => {
      if (party === this.#parties.find('called')) this.#blame = because(status, text);
      this.#tell(party, 'failed');
    },
    onHungUp: (party, bye) => {
      if (party !== this.#parties.find('target'))
        this.#blame = { headers: endToEndHeaders(bye), ...(bye.body && { body: bye.body }) };
      this.#tell(party, 'hungUp');
    },
    onLost: (party) => {
      party.dismiss();
      if (party !== this.#parties.find('target')) this.#blame = because(408, 'Request Timeout');
      this.#tell(party, 'hungUp');
    },
    onRequest: (party, request) => {
      const other = this.#otherThan(party);
      if (other) this.#relay.request(party, other, request);
      else answerAlone(party, request, this.#machine.state === 'ringing');
    },
    onReinviteCancelled: (party) => this.#relay.cancel(party),
    onAck: (party, body) => this.#relay.ack(party, body),
    onClosed: () => this.#closeIfOver(),
  };

  #tell(party: Party, what: string): void {
    const role = this.#parties.roleOf(party);
    if (role) this.#machine.step(`${role}.${what}` as CallEvent);
    if (party === this.#parties.find('target') && party.isGone) this.#parties.retire('target');
  }

  readonly #effects: Readonly<Record<Effect, () => void>> = {
    ackCalling: () => this.#parties.get('calling').acknowledge(),
    ackCalled: () => this.#parties.get('called').acknowledge(),
    ackTarget: () => this.#parties.get('target').acknowledge(),
    inviteCalled: () => this.#inviteCalled(),
    inviteTarget: () => this.#invite('target', this.#target, Offers.startingWith(this.settings.initialOffer)),
    askCalledForOffer: () => this.#reinvite('called', undefined, 'offered'),
    carryOfferToCalling: () => this.#reinvite('calling', this.#carry('called'), 'agreed'),
    carryOfferToTarget: () => this.#reinvite('target', this.#carry('called'), 'agreed'),
    carryAnswerToCalled: () => {
      const called = this.#parties.get('called');
      called.answer(this.#carry('calling')(called.session));
    },
    holdCalling: () => this.#reinvite('calling', this.#carryOnHold('called'), 'agreed'),
    holdCalled: () => this.#reinvite('called', this.#carryOnHold('calling'), 'agreed'),
    promoteTarget: () => {
      this.#parties.promoteTarget();
      this.#onPromoted?.();
    },
    dismissReplaced: () => this.#parties.replaced?.dismiss(),
    dismissTarget: () => {
      this.#parties.find('target')?.dismiss();
      this.#parties.retire('target');
    },
    checkCalling: () => {
      if (this.#parties.get('calling').isGone) this.#machine.step('calling.hungUp');
    },
    blameCalling: () => {
      const { status, statusLine, reason: text } = this.#refusal ?? NOT_ACCEPTABLE;
      this.#parties.get('calling').explain(statusLine);
      this.#blame = because(status, text);
    },
    dismissAll: () => {
      for (const party of this.#parties.present) party.dismiss(this.#blame);
      this.#closeIfOver();
    },
    recordTimeout: () => {
      const rung = this.#parties.present.find(({ state }) => state === 'Early Dialog');
      if (rung === this.#parties.find('called')) this.#blame = because(408, 'Request Timeout');
      rung?.explain('SIP/2.0 408 Request Timeout');
      rung?.dismiss();
    },
    startRingTimer: () => this.#startTimer(RING_TIMEOUT_MS),
    stopTimer: () => clearTimeout(this.#timer),
    end: () => this.owner.onEnd(this),
  };

  #take(answered: AnsweredLeg): void {
    const { leg, session, description } = answered;
    const party = this.#newParty(session);
    this.#parties.set('calling', party);
    party.take(leg, description);
    answered.listen(party.legListener);
    this.#machine.step('calling.answered');
  }

  #inviteCalling(): void {
    const party = this.#newParty();
    this.#parties.set('calling', party);
    party.invite(
      this.sip,
      firstInvite(this.request, this.sip.domain, this.settings.autoAnswer),
      Offers.startingWith(this.settings.initialOffer),
    );
  }

  #inviteCalled(): void {
    const { called, confpin } = this.request;
    this.#invite('called', called, Offers.ofTelephone(), confpin === undefined ? [] : [['X-ConfPin', confpin]]);
  }

  #invite(role: Role, address: string, offers: Offers, headers: readonly Header[] = []): void {
    const uri = `sip:${address}`;
    const invitation: Invitation = {
      uri,
      to: uri,
      ...callerOf(this.request),
      headers: [...headers, ...COMMON_HEADERS],
    };
    const party = this.#newParty();
    this.#parties.set(role, party);
    party.invite(this.sip, invitation, offers);
  }

  #newParty(session = new LegSession(this.sip.host)): Party {
    const { sessionExpires, liveness } = this.settings;
    const times = {
      sessionExpiresSeconds: sessionExpires,
      livenessSeconds: liveness,
      transactionMs: this.sip.transactionTimeoutMs,
    };
    return new Party(session, times, this.#listener);
  }

  #reinvite(role: Role, describe: Describe | undefined, event: 'offered' | 'agreed'): void {
    const party = this.#parties.get(role);
    party.reinvite(describe, (response) => {
      const isAgreed = response.status < 300 && response.body !== undefined && isSdp(response.body);
      this.#refusal = isAgreed || response.status < 300 ? undefined : response;
      this.#tell(party, isAgreed ? event : 'refused');
    });
  }

  #carry(role: Role): Describe {
    const { description } = this.#parties.get(role);
    return (session) => session.carry(description);
  }

  #carryOnHold(role: Role): Describe {
    const { description } = this.#parties.get(role);
    return (session) => session.carryOnHold(description);
  }

  /** The party that this one talks to; undefined while the two are not joined. */
  #otherThan(party: Party): Party | undefined {
    if (this.#machine.state !== 'connected' && this.#machine.state !== 'transferring') return undefined;
    const other = this.#parties.partnerOf(party);
    return other?.isGone ? undefined : other;
  }

  #startTimer(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#machine.step('timer.ring'), delayMs);
  }

  #closeIfOver(): void {
    if (this.#machine.state === 'ending' && this.#parties.all.every(({ isClosed }) => isClosed))
      this.#machine.step('legs.closed');
  }
}

function because(status: number, text: string): RequestOptions {
  return { headers: [['Reason', reason(status, text)]] };
}
