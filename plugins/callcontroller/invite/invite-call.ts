import type { Header, Invitation, Sip } from '../../../sdk/index.js';
import type { AnsweredLeg, Call } from '../call.js';
import { callerOf, commonHeaders, firstInvite } from '../first-invite.js';
import type { CallRequest } from '../http/call-request.js';
import { reason } from '../reason.js';
import { LegSession } from '../sdp.js';
import { INITIAL_OFFERS, type InitialOffer, type Settings } from '../settings.js';
import { dialogsDocument } from './dialogs-document.js';
import { type CallEvent, type Effect, type State, transition } from './invite-states.js';
import { type Describe, Party, type PartyListener } from './party.js';
import { Relay } from './relay.js';

/** How long the called party, or the target of a transfer, may ring, in milliseconds. */
const RING_TIMEOUT_MS = 180_000;
/** With these a telephone refuses an offer rather than the call (RFC 3261 section 21.4). */
const OFFER_REFUSALS = new Set([415, 488, 606]);

const OFFERS: Readonly<Record<InitialOffer, Describe | undefined>> = {
  inactive: (session) => session.offerInactive(),
  noMedia: (session) => session.offerWithoutMedia(),
  offerless: undefined,
};

type Role = 'calling' | 'called' | 'target';

/**
 * One Invite call: it turns what its parties do into events, steps through the state table, and performs the effects in order.
 * It owns its parties, and the timer of the one that rings.
 */
export class InviteCall implements Call {
  readonly #parties: Partial<Record<Role, Party>> = {};
  /** Legs that are over or being ended: they stay in the document. */
  readonly #former: Party[] = [];
  readonly #untriedOffers: InitialOffer[];
  readonly #relay = new Relay();
  readonly #events: CallEvent[] = [];
  #state: State = 'calling';
  #timer: NodeJS.Timeout | undefined;
  #isStepping = false;
  #blame: Header[] = [];
  #target = '';
  #onPromoted: (() => void) | undefined;

  /**
   * Calls the calling party, or goes on with one that has answered.
   * @param onEnd called once, when the call is over
   */
  constructor(
    readonly request: CallRequest,
    private readonly sip: Sip,
    private readonly settings: Settings,
    private readonly onEnd: (call: Call) => void,
    answered?: AnsweredLeg,
  ) {
    const { initialOffer } = settings;
    this.#untriedOffers = [initialOffer, ...INITIAL_OFFERS.filter((offer) => offer !== initialOffer)];
    if (answered) this.#take(answered);
    else this.#inviteCalling();
    if (!answered) this.#startTimer(request.timeoutMs);
  }

  get placed(): Promise<void> {
    return this.#party('calling').leg.sent;
  }

  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Both parties are in the call, and nothing is being changed about it. */
  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  document(): string {
    const { calling, called, target } = this.#parties;
    return dialogsDocument([calling, called, target, ...this.#former].filter((party) => party !== undefined));
  }

  abandon(): void {
    this.#step('command.hangup');
  }

  hold(): void {
    this.#step('command.hold');
  }

  resume(): void {
    this.#step('command.resume');
  }

  /** Puts the target in the calling party's place. @param onPromoted called when it is there */
  transfer(target: string, onPromoted: () => void): void {
    this.#target = target;
    this.#onPromoted = onPromoted;
    this.#step('command.transfer');
  }

  /** Every leg is released when it closes: nothing is kept for the record's sake. */
  forget(): void {}

  readonly #listener: PartyListener = {
    onAnswered: (party) => {
      if (party !== this.#parties.called) return this.#tell(party, 'answered');
      if (party.description) return this.#tell(party, 'offered');
      this.#blame = [['Reason', reason(488, 'Not Acceptable Here')]];
      return this.#tell(party, 'failed');
    },
    onFailed: (party, { status, reason: text }) => {
      if (party === this.#parties.called) this.#blame = [['Reason', reason(status, text)]];
      const isOffer = party === this.#parties.calling && OFFER_REFUSALS.has(status);
      this.#tell(party, isOffer && this.#untriedOffers.length > 0 ? 'offerRefused' : 'failed');
    },
    onHungUp: (party) => this.#tell(party, 'hungUp'),
    onLost: (party) => {
      if (this.#roleOf(party)) this.#step('leg.lost');
    },
    onRequest: (party, request) => {
      const other = this.#otherThan(party);
      if (other) this.#relay.request(party, other, request);
      else request.reply(request.method === 'INVITE' || request.method === 'UPDATE' ? 491 : 480);
    },
    onAck: (party, body) => this.#relay.ack(party, body),
    onClosed: () => this.#closeIfOver(),
  };

  #tell(party: Party, what: string): void {
    const role = this.#roleOf(party);
    if (role) this.#step(`${role}.${what}` as CallEvent);
    if (role === 'target' && party.isClosed) this.#retire('target');
  }

  /** Events that effects bring about wait for their turn: first in, first out. */
  #step(event: CallEvent): void {
    this.#events.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const { to, effects } = transition(this.#state, next);
        this.#state = to;
        for (const effect of effects) this.#effects[effect]();
      }
    } finally {
      this.#isStepping = false;
    }
  }

  readonly #effects: Readonly<Record<Effect, () => void>> = {
    ackCalling: () => this.#party('calling').acknowledge(),
    ackCalled: () => this.#party('called').acknowledge(),
    ackTarget: () => this.#party('target').acknowledge(),
    offerAgain: () => this.#inviteCalling(),
    inviteCalled: () => this.#inviteCalled(),
    inviteTarget: () => this.#invite('target', this.#target, OFFERS[this.settings.initialOffer]),
    askCalledForOffer: () => this.#reinvite('called', undefined, 'offered'),
    carryOfferToCalling: () => this.#reinvite('calling', this.#carry('called'), 'agreed'),
    carryOfferToTarget: () => this.#reinvite('target', this.#carry('called'), 'agreed'),
    carryAnswerToCalled: () => {
      const called = this.#party('called');
      called.answer(this.#carry('calling')(called.session));
    },
    holdCalling: () => this.#reinvite('calling', this.#carryOnHold('called'), 'agreed'),
    holdCalled: () => this.#reinvite('called', this.#carryOnHold('calling'), 'agreed'),
    promoteTarget: () => this.#promoteTarget(),
    dismissTarget: () => {
      this.#parties.target?.dismiss();
      this.#retire('target');
    },
    checkCalling: () => {
      if (this.#party('calling').isClosed) this.#events.push('calling.hungUp');
    },
    blameCalled: () => this.#party('calling').dismiss(this.#blame),
    dismissAll: () => {
      for (const party of Object.values(this.#parties)) party.dismiss();
      this.#closeIfOver();
    },
    recordTimeout: () =>
      Object.values(this.#parties)
        .find(({ state }) => state === 'Early Dialog')
        ?.giveUp(),
    startRingTimer: () => this.#startTimer(RING_TIMEOUT_MS),
    stopTimer: () => clearTimeout(this.#timer),
    end: () => this.onEnd(this),
  };

  #take(answered: AnsweredLeg): void {
    const { leg, session, description } = answered;
    const party = this.#newParty(session);
    this.#parties.calling = party;
    party.take(leg, description);
    answered.listen(party.legListener);
    this.#step('calling.answered');
  }

  #inviteCalling(): void {
    const offer = this.#untriedOffers.shift() ?? 'offerless';
    const party = this.#newParty();
    this.#parties.calling = party;
    party.invite(this.sip, firstInvite(this.request, this.sip.domain, this.settings.autoAnswer), OFFERS[offer]);
  }

  #inviteCalled(): void {
    const { called, confpin } = this.request;
    this.#invite('called', called, undefined, confpin === undefined ? [] : [['X-ConfPin', confpin]]);
  }

  #invite(role: Role, address: string, describe: Describe | undefined, headers: readonly Header[] = []): void {
    const uri = `sip:${address}`;
    const invitation: Invitation = {
      uri,
      to: uri,
      ...callerOf(this.request),
      headers: [...headers, ...commonHeaders()],
    };
    const party = this.#newParty();
    this.#parties[role] = party;
    party.invite(this.sip, invitation, describe);
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
    const party = this.#party(role);
    party.reinvite(describe, (refusal) => this.#tell(party, refusal ? 'refused' : event));
  }

  #carry(role: Role): Describe {
    const { description } = this.#party(role);
    return (session) => session.carry(description);
  }

  #carryOnHold(role: Role): Describe {
    const { description } = this.#party(role);
    return (session) => session.carryOnHold(description);
  }

  #promoteTarget(): void {
    this.#party('calling').dismiss();
    this.#retire('calling');
    this.#parties.calling = this.#party('target');
    delete this.#parties.target;
    this.#onPromoted?.();
  }

  #retire(role: Role): void {
    const party = this.#parties[role];
    if (party) this.#former.push(party);
    delete this.#parties[role];
  }

  #party(role: Role): Party {
    const party = this.#parties[role];
    if (!party) throw new Error(`The call has no ${role} party`);
    return party;
  }

  #roleOf(party: Party): Role | undefined {
    return (['calling', 'called', 'target'] as const).find((role) => this.#parties[role] === party);
  }

  /** The party that this one talks to; undefined while the two are not joined. */
  #otherThan(party: Party): Party | undefined {
    const { calling, called } = this.#parties;
    if (this.#state !== 'connected' && this.#state !== 'transferring') return undefined;
    if (party === calling) return called;
    return party === called && !calling?.isClosed ? calling : undefined;
  }

  #startTimer(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#step('timer.ring'), delayMs);
  }

  #closeIfOver(): void {
    const parties = [...Object.values(this.#parties), ...this.#former];
    if (this.#state === 'ending' && parties.every(({ isClosed }) => isClosed)) this.#step('legs.closed');
  }
}
