import type { Header, Invitation, Leg, LegRole, RequestOptions, Sip, SipResponse } from '../../../sdk/index.js';
import type { AnsweredLeg, Call } from '../call.js';
import { calledHeaders, callerOf, COMMON_HEADERS, firstInvite, shownToCalled } from '../first-invite.js';
import type { CallRequest } from '../http/call-request.js';
import type { CallRecord } from '../model/call-record.js';
import type { Cause, Refusal } from '../model/reasons.js';
import { type Describe, Offers, wantsOffer } from '../offers.js';
import { endHeaders, reason } from '../reason.js';
import { LegSession } from '../sdp.js';
import { descriptionIn, isKeyed } from '../session-description.js';
import type { Settings } from '../settings.js';
import { StateMachine } from '../state-machine.js';
import { dialogsDocument } from './dialogs-document.js';
import { type Carriage, endToEndHeaders } from './end-to-end.js';
import { inviteFact } from './invite-facts.js';
import { type EndCauses, inviteReason, NOT_ACCEPTABLE, REQUEST_TIMEOUT } from './invite-reason.js';
import type { InviteSnapshot, PartySnapshot } from './invite-snapshot.js';
import { type CallEvent, type Effect, INVITE_CALL, type State } from './invite-states.js';
import { Parties, type Role, ROLES } from './parties.js';
import { Party } from './party.js';
import type { PartyListener } from './party-listener.js';
import { answerAlone, Relay } from './relay.js';
import type { DialogId, LegBehind } from './replaces.js';

/** How long the called party, or the target of a transfer, may ring, in milliseconds. */
const RING_TIMEOUT_MS = 180_000;
/** A telephone repeats its 2xx for 64*T1; an offer in it waits for its answer for this fraction of that time. */
const ANSWER_SHARE = 2;

/** States in which the calling party has answered, and has silence. */
const SILENT: ReadonlySet<State> = new Set(['ringing', 'alerting']);

const LEG_ROLES: Readonly<Record<Role, LegRole>> = { calling: 'caller', called: 'callee', target: 'target' };

/** The owner of the calls. */
export interface InviteCallOwner {
  /** What is known of the call. */
  readonly record: CallRecord;
  /** Called once, when the call is over. */
  onEnd(call: Call): void;
  /** Finds a leg in any Invite call. */
  readonly legBehind: LegBehind;
  /** Whether a telephone may have the other one call this SIP URI. */
  readonly mayReferTo: (uri: string) => boolean;
  /** The call is connected, and its snapshot has changed. */
  onChange?(call: InviteCall): void;
}

/** What exists of the call already; by default nothing. */
export interface BegunCall {
  readonly answered?: AnsweredLeg | undefined;
  /** The connected call as another process has left it. */
  readonly snapshot?: InviteSnapshot | undefined;
  /** When its telephones are told where the call is now, in milliseconds; by default at once. */
  readonly refreshAfterMs?: number | undefined;
}

/**
 * One Invite call: it turns what its parties do into events, steps through the state table, and performs the effects in order.
 * It owns its parties, and the timer of the one that rings.
 */
export class InviteCall implements Call {
  readonly #parties: Parties;
  readonly #relay: Relay;
  readonly #furtherHeaders: ReadonlySet<string>;
  readonly #machine: StateMachine<State, CallEvent, Effect>;
  #timer: NodeJS.Timeout | undefined;
  /** Ends the call after `maxDurationMs`. */
  #limit: NodeJS.Timeout | undefined;
  #cause: Cause = 'hangUp';
  /** How the party that ends the call has left it. */
  #failure: Refusal | undefined;
  /** Why the call ends: what the other legs are told. */
  #blame: RequestOptions = {};
  #refusal: SipResponse | undefined;
  #target = '';
  #onPromoted: (() => void) | undefined;
  /** The owner is about to be told of a changed snapshot. */
  #isChanged = false;

  /**
   * Calls the calling party, or goes on with one that has answered, or with a connected call of another process.
   * @throws Error on an invalid snapshot of a call: any leg that can be restored is hung up
   */
  constructor(
    readonly request: CallRequest,
    private readonly sip: Sip,
    private readonly settings: Settings,
    private readonly owner: InviteCallOwner,
    { answered, snapshot, refreshAfterMs }: BegunCall = {},
  ) {
    this.#furtherHeaders = new Set(settings.carriedHeaders.map((name) => name.toLowerCase()));
    const { legBehind, mayReferTo } = owner;
    this.#parties = new Parties(snapshot?.former);
    this.#relay = new Relay((party) => ({ ...this.#carriageOf(party), legBehind, mayReferTo }));
    this.#machine = new StateMachine(
      INVITE_CALL,
      snapshot ? 'connected' : 'calling',
      (effect) => InviteCall.#effects[effect](this),
      (from, event, to) => this.#observe(from, event, to),
    );
    owner.record.isInPath = true;
    if (snapshot) {
      this.#restore(snapshot, refreshAfterMs);
    } else if (answered) {
      this.#take(answered);
    } else {
      this.#inviteCalling();
      this.#startTimer('timer.ring', request.timeoutMs);
    }
  }

  get placed(): Promise<void> {
    return this.#parties.get('calling').sent;
  }

  get hasEnded(): boolean {
    const { state, isStopped } = this.#machine;
    return isStopped || state === 'ending' || state === 'ended';
  }

  /** Whether both parties are in the call, and no change is under way. */
  get isConnected(): boolean {
    return this.#machine.state === 'connected';
  }

  /** The leg to the party that talks to the one that has this dialog with the controller; undefined if it is none of this call's. */
  legBehind({ callId, toTag, fromTag }: DialogId): Leg | undefined {
    const party = this.#parties.present.find(
      ({ leg }) => leg.callId === callId && leg.localTag === toTag && leg.remoteTag === fromTag,
    );
    const other = party && this.#parties.partnerOf(party);
    return other?.state === 'Confirmed Dialog' ? other.leg : undefined;
  }

  /** What another process needs to continue the call; undefined unless the call is connected and no change is under way. */
  snapshot(): InviteSnapshot | undefined {
    const [calling, called, target] = ROLES.map((role) => this.#parties.find(role));
    if (!this.isConnected || !calling || !called || target || calling.isGone || called.isGone) return undefined;
    const { former } = this.#parties;
    return { request: this.request, calling: calling.snapshot(), called: called.snapshot(), former };
  }

  document(): string {
    return dialogsDocument(this.#parties.shown);
  }

  abandon(cause: Cause): void {
    this.#cause = cause;
    this.#blame = { headers: endHeaders(cause) };
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

  letGo(): void {
    this.#machine.stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#limit);
    for (const party of this.#parties.all) party.letGo();
  }

  /** Every leg is released when it closes: the record needs none. */
  forget(): void {}

  readonly #listener: PartyListener<Party> = {
    onResponse: (party, response) => this.#record(party, response),
    onAnswered: (party) => {
      if (party === this.#parties.find('calling') && party.owesAnswer && isKeyed(party.description))
        return this.#tell(party, 'offered');
      if (party !== this.#parties.find('called')) return this.#tell(party, 'answered');
      if (party.description) return this.#tell(party, party.owesAnswer ? 'offered' : 'agreed');
      party.explain(NOT_ACCEPTABLE.statusLine);
      this.#failure = NOT_ACCEPTABLE;
      this.#blame = because(NOT_ACCEPTABLE.status, NOT_ACCEPTABLE.reason);
      return this.#tell(party, 'failed');
    },
    onOfferWanted: (party, response) => this.#fail(party, response, 'wantsOffer'),
    onFailed: (party, response) => this.#fail(party, response, 'failed'),
    onHungUp: (party, bye) => {
      this.#failure = undefined;
      if (party !== this.#parties.find('target'))
        this.#blame = { headers: endToEndHeaders(bye, this.#carriageOf(party)), ...(bye.body && { body: bye.body }) };
      this.#tell(party, 'hungUp');
    },
    onLost: (party) => {
      party.dismiss();
      this.#failure = REQUEST_TIMEOUT;
      if (party !== this.#parties.find('target')) this.#blame = because(408, 'Request Timeout');
      this.#tell(party, 'hungUp');
    },
    onRequest: (party, request) => {
      const other = this.#otherThan(party);
      if (other) this.#relay.request(party, other, request);
      else answerAlone(party, request, SILENT.has(this.#machine.state));
    },
    onAgreed: () => this.#showChange(),
    onReinviteCancelled: (party) => this.#relay.cancel(party),
    onAck: (party, body) => this.#relay.ack(party, body),
    onClosed: (party) => {
      const role = this.#parties.roleOf(party);
      if (role) this.owner.record.endLeg(LEG_ROLES[role]);
      this.#closeIfOver();
    },
  };

  #fail(party: Party, refusal: Refusal, what: 'wantsOffer' | 'failed'): void {
    this.#failure = refusal;
    if (party === this.#parties.find('called')) this.#blame = because(refusal.status, refusal.reason);
    this.#tell(party, what);
  }

  #tell(party: Party, what: string): void {
    const role = this.#parties.roleOf(party);
    if (role) this.#machine.step(`${role}.${what}` as CallEvent);
    if (party === this.#parties.find('target') && party.isGone) this.#parties.retire('target');
  }

  /** Shared by all calls, because there are many effects and many calls. */
  static readonly #effects: Readonly<Record<Effect, (call: InviteCall) => void>> = {
    ackCalling: (call) => call.#parties.get('calling').acknowledge(),
    ackCalled: (call) => call.#parties.get('called').acknowledge(),
    ackTarget: (call) => call.#parties.get('target').acknowledge(),
    inviteCalled: (call) => call.#inviteCalled(),
    inviteTarget: (call) => call.#invite('target', call.#target, Offers.startingWith(call.settings.initialOffer)),
    askCalledForOffer: (call) => call.#reinvite('called', undefined, 'offered'),
    askCallingForOffer: (call) => call.#reinvite('calling', undefined, 'offered'),
    askTargetForOffer: (call) => call.#reinvite('target', undefined, 'offered'),
    carryOfferToCalling: (call) => call.#reinvite('calling', call.#carry('called'), 'agreed'),
    carryOfferToTarget: (call) => call.#reinvite('target', call.#carry('called'), 'agreed'),
    carryAnswerToCalled: (call) => {
      const called = call.#parties.get('called');
      called.answer(call.#carry('calling')(called.session));
    },
    inviteCalledWithOffer: (call) => call.#inviteCalledWithOffer(call.#carry('calling')),
    carryOfferToCalled: (call) => call.#reinvite('called', call.#carry('calling'), 'agreed'),
    carryTargetOfferToCalled: (call) => call.#reinvite('called', call.#carry('target'), 'agreed'),
    carryAnswerToCalling: (call) => {
      const calling = call.#parties.get('calling');
      calling.answer(call.#carry('called')(calling.session));
    },
    holdCalling: (call) => call.#reinvite('calling', call.#carryOnHold('called'), 'agreed'),
    holdCalled: (call) => call.#reinvite('called', call.#carryOnHold('calling'), 'agreed'),
    promoteTarget: (call) => {
      call.#parties.promoteTarget();
      call.owner.record.promoteTarget();
      call.#onPromoted?.();
    },
    dismissReplaced: (call) => call.#parties.replaced?.dismiss(),
    dismissTarget: (call) => {
      call.#parties.find('target')?.dismiss();
      call.#parties.retire('target');
    },
    checkCalling: (call) => {
      if (call.#parties.get('calling').isGone) call.#machine.step('calling.hungUp');
    },
    blameCalling: (call) => {
      const { status, statusLine, reason: text } = call.#refusal ?? NOT_ACCEPTABLE;
      call.#parties.get('calling').explain(statusLine);
      call.#blame = because(status, text);
    },
    dismissAll: (call) => {
      for (const party of call.#parties.present) party.dismiss(call.#blame);
      call.#closeIfOver();
    },
    recordTimeout: (call) => {
      const rung = call.#parties.present.find(({ state }) => state === 'Early Dialog');
      if (rung === call.#parties.find('called')) call.#blame = because(408, 'Request Timeout');
      rung?.explain('SIP/2.0 408 Request Timeout');
      rung?.dismiss();
    },
    startRingTimer: (call) => call.#startTimer('timer.ring', RING_TIMEOUT_MS),
    startAnswerTimer: (call) => call.#startTimer('timer.answer', call.sip.transactionTimeoutMs / ANSWER_SHARE),
    stopTimer: (call) => clearTimeout(call.#timer),
    end: (call) => call.owner.onEnd(call),
  };

  #observe(from: State, event: CallEvent, to: State): void {
    if (to === 'connected') this.#showChange();
    const fact = inviteFact(from, event, to);
    if (fact === undefined) return;
    this.owner.record.note(fact, fact === 'ended' ? inviteReason(from, event, this.#causes) : undefined);
    const { maxDurationMs } = this.request.more ?? {};
    if (fact === 'connected' && maxDurationMs !== undefined) this.#limitTo(maxDurationMs);
    if (fact === 'ended') clearTimeout(this.#limit);
  }

  get #causes(): EndCauses {
    const wasConnected = this.owner.record.connectedAtMs !== undefined;
    return { cause: this.#cause, failure: this.#failure, refusal: this.#refusal, wasConnected };
  }

  #record(party: Party, response: SipResponse): void {
    const role = this.#parties.roleOf(party);
    if (!role) return;
    const { record } = this.owner;
    record.addResponse(LEG_ROLES[role], response);
    if (role === 'target' || (response.status !== 180 && response.status !== 183)) return;
    record.note(role === 'calling' ? 'callerRinging' : 'calleeRinging');
  }

  /** Once for all changes of a step. */
  #showChange(): void {
    if (this.#isChanged || !this.owner.onChange) return;
    this.#isChanged = true;
    queueMicrotask(() => {
      this.#isChanged = false;
      if (this.isConnected) this.owner.onChange?.(this);
    });
  }

  #limitTo(durationMs: number): void {
    this.#limit = setTimeout(() => this.abandon('maxDuration'), durationMs);
  }

  #restore(snapshot: InviteSnapshot, refreshAfterMs: number | undefined): void {
    const { connectedAtMs = Date.now() } = this.owner.record;
    const { maxDurationMs } = this.request.more ?? {};
    try {
      this.#restoreParty('calling', snapshot.calling, refreshAfterMs);
      this.#restoreParty('called', snapshot.called, refreshAfterMs);
    } catch (error) {
      this.#parties.find('calling')?.dismiss();
      throw error;
    }
    if (maxDurationMs !== undefined) this.#limitTo(Math.max(0, connectedAtMs + maxDurationMs - Date.now()));
  }

  #restoreParty(role: 'calling' | 'called', snapshot: PartySnapshot, refreshAfterMs?: number): void {
    const party = this.#newParty(LegSession.restore(snapshot.session));
    const restoration = { credentials: this.request.agentAccount, onMessage: this.#messagesOf(role) };
    party.restore(this.sip, snapshot, restoration, refreshAfterMs);
    this.#parties.set(role, party);
  }

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
    const { autoAnswer, initialOffer } = this.settings;
    const invitation = firstInvite(this.request, this.sip.domain, autoAnswer, {
      onMessage: this.#messagesOf('calling'),
    });
    party.invite(this.sip, invitation, Offers.startingWith(initialOffer));
    this.owner.record.addLeg('caller', party.leg.callId);
  }

  #inviteCalled(): void {
    this.#invite('called', this.request.called, undefined, calledHeaders(this.request));
  }

  #inviteCalledWithOffer(offer: Describe): void {
    const called = this.#parties.find('called');
    if (called) called.inviteWith(offer);
    else this.#invite('called', this.request.called, Offers.carrying(offer), calledHeaders(this.request));
  }

  #invite(role: Role, address: string, offers?: Offers, headers: readonly Header[] = []): void {
    const uri = `sip:${address}`;
    const { from, credentials } =
      role === 'called' ? shownToCalled(this.request, this.sip.domain) : callerOf(this.request);
    const party = this.#newParty();
    this.#parties.set(role, party);
    const invitation: Invitation = {
      uri,
      to: uri,
      from,
      credentials,
      headers: [...headers, ...COMMON_HEADERS],
      onMessage: this.#messagesOf(role),
    };
    party.invite(this.sip, invitation, offers);
    this.owner.record.addLeg(LEG_ROLES[role], party.leg.callId);
  }

  /** Takes the messages of that party's leg. */
  #messagesOf(role: Role): NonNullable<Invitation['onMessage']> {
    return (message, text) => this.owner.record.addMessage(LEG_ROLES[role], message, text);
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
      const isAgreed = response.status < 300 && descriptionIn(response.body) !== undefined;
      this.#refusal = isAgreed || response.status < 300 ? undefined : response;
      // A called party that makes no offer may accept one.
      const isWanted = role === 'called' && !describe && wantsOffer(response.status);
      this.#tell(party, isAgreed ? event : isWanted ? 'wantsOffer' : 'refused');
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

  #carriageOf(party: Party): Carriage {
    const role = party === this.#parties.find('called') ? 'callee' : 'caller';
    return { further: this.#furtherHeaders, isTrusted: this.settings.trustedParties.includes(role) };
  }

  #startTimer(event: CallEvent, delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#machine.step(event), delayMs);
  }

  #closeIfOver(): void {
    if (this.#machine.state === 'ending' && this.#parties.areClosed) this.#machine.step('legs.closed');
  }
}

function because(status: number, text: string): RequestOptions {
  return { headers: [['Reason', reason(status, text)]] };
}
