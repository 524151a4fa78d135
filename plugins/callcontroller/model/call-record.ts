import type {
  CallEventType,
  CallLeg,
  CallReason,
  CallStatus,
  LegRole,
  SipResponse,
  WireMessage,
} from '../../../sdk/index.js';
import type { CallRequest, MoreOfCall } from '../http/call-request.js';
import { CALL_STATUS, EVENT_TYPES, type Fact } from './call-status.js';

/** Gets the events of a call. */
export interface RecordListener {
  /** Something of the call has changed. */
  onChange(record: CallRecord): void;
  onEvent(record: CallRecord, type: CallEventType): void;
  /** A message of the call went over the wire. */
  onMessage(record: CallRecord, role: LegRole, message: WireMessage, text: () => string): void;
}

/** What is kept of the request, as long as the record is. */
export type RecordedRequest = Pick<CallRequest, 'calling' | 'called' | 'agent' | 'sipMethod' | 'subject'> & {
  readonly more?: Pick<MoreOfCall, 'tags' | 'maxDurationMs' | 'sink'>;
  /** Address that the HTTP request came from, and its id, for the log. */
  readonly client?: string | undefined;
  readonly requestId?: string | undefined;
};

/**
 * What is known of one call: its legs, and the facts from which status, reason and control follow. There are very many records, so a
 * record keeps times instead of a list.
 */
export class CallRecord {
  status: CallStatus = 'initiating';
  isFinal = false;
  /** The controller stays in the path: an Invite call, or an Auto call that became one. */
  isInPath = false;
  /** The caller's phone has the call, see the fact `released`. */
  isReleased = false;
  isHeld = false;
  reason: CallReason | undefined;
  callerAnsweredAtMs: number | undefined;
  connectedAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** Replaced, never changed: views of the call hold it. */
  legs: readonly CallLeg[] = [];
  /** Counts the changes. */
  revision = 0;
  /** Number of the last event. */
  sequence = 0;
  #callerRang = false;
  #calleeRang = false;
  /** The times of one call go by the clock as it was when the record was made: a clock that is set meanwhile changes no duration. */
  readonly #clockOffsetMs = Date.now() - performance.now();

  constructor(
    readonly id: string,
    readonly createdAtMs: number,
    readonly request: RecordedRequest,
    private readonly listener: RecordListener,
  ) {}

  /** Milliseconds since the epoch, comparable with the other times of this call. */
  get nowMs(): number {
    return Math.round(this.#clockOffsetMs + performance.now());
  }

  /** Tells that the call exists. */
  create(): void {
    this.#announce('call.created');
  }

  /** Adds a fact. @param reason of `ended` and `lost` */
  note(fact: Fact, reason?: CallReason): void {
    if (this.isFinal || this.#isOld(fact)) return;
    const step = CALL_STATUS[this.status][fact];
    if (!step) return;
    this.status = step.to;
    this.isFinal = step.isFinal ?? false;
    this.#remember(fact, reason);
    const type = EVENT_TYPES[fact];
    if (type) this.#announce(type);
    else this.#change();
  }

  /** A leg begins. */
  addLeg(role: LegRole, sipCallId: string): void {
    this.legs = this.legs.concat({ role, sipCallId, state: 'calling' });
    this.#change();
  }

  /** A response to the INVITE of the latest leg of that role. A challenge that is answered, or another offer, ends nothing. */
  addResponse(role: LegRole, { status, final }: Pick<SipResponse, 'status' | 'final'>): void {
    const state = final || status < 200 ? stateAfter(status) : undefined;
    if (this.#updateLeg(role, { sipStatus: status, ...(state && { state }) })) this.#change();
  }

  endLeg(role: LegRole): void {
    if (this.#updateLeg(role, { state: 'ended' })) this.#change();
  }

  /** Another node has the call now. */
  touch(): void {
    this.#change();
  }

  addMessage(role: LegRole, message: WireMessage, text: () => string): void {
    this.listener.onMessage(this, role, message, text);
  }

  /** The target has the caller's part. */
  promoteTarget(): void {
    this.endLeg('caller');
    this.#updateLeg('target', { role: 'caller' });
  }

  /** Updates the latest leg of that role. @returns whether anything of it is new */
  #updateLeg(role: LegRole, news: Partial<CallLeg>): boolean {
    const index = this.legs.findLastIndex((leg) => leg.role === role);
    const leg = this.legs[index];
    if (!leg) return false;
    const { role: newRole = role, state = leg.state, sipStatus = leg.sipStatus } = news;
    const { sipCallId } = leg;
    const updated: CallLeg = { role: newRole, sipCallId, state, ...(sipStatus !== undefined && { sipStatus }) };
    const isNews = updated.role !== leg.role || updated.state !== leg.state || updated.sipStatus !== leg.sipStatus;
    if (isNews) this.legs = this.legs.with(index, updated);
    return isNews;
  }

  /** Whether the fact is known already: telephones repeat their 180. */
  #isOld(fact: Fact): boolean {
    switch (fact) {
      case 'callerRinging':
        return this.#callerRang;
      case 'calleeRinging':
        return this.#calleeRang;
      case 'released':
        return this.isReleased;
      case 'resumed':
        return !this.isHeld;
      default:
        return false;
    }
  }

  #remember(fact: Fact, reason: CallReason | undefined): void {
    switch (fact) {
      case 'callerRinging':
        this.#callerRang = true;
        break;
      case 'calleeRinging':
        this.#calleeRang = true;
        break;
      case 'callerAnswered':
        this.callerAnsweredAtMs = this.nowMs;
        break;
      case 'connected':
        this.connectedAtMs = this.nowMs;
        break;
      case 'held':
        this.isHeld = true;
        break;
      case 'resumed':
      case 'transferred':
        this.isHeld = false;
        break;
      case 'released':
        this.isReleased = true;
        break;
      case 'ended':
      case 'lost':
        this.endedAtMs = this.nowMs;
        this.reason = reason;
        break;
      default:
    }
  }

  #announce(type: CallEventType): void {
    this.sequence += 1;
    this.#change();
    this.listener.onEvent(this, type);
  }

  #change(): void {
    this.revision += 1;
    this.listener.onChange(this);
  }
}

function stateAfter(status: number): CallLeg['state'] | undefined {
  if (status >= 300) return 'ended';
  if (status >= 200) return 'answered';
  return status === 180 || status === 183 ? 'ringing' : undefined;
}
