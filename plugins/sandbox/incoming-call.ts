import { type Core, type Invitation, type Referral, SessionState } from 'sip.js';
import { uriOf } from './addresses.js';
import { attempt, type Call, type CallState, type Line } from './line.js';
import { OutgoingCall } from './outgoing-call.js';
import { ReferReports, type ReferTarget, referTarget } from './referral.js';
import { Timers } from './timers.js';

export interface IncomingCallOptions {
  /** Whether the telephone can place one more call. */
  readonly hasRoom: () => boolean;
  /** Gets the call that the telephone places because this one referred it. */
  readonly onPlaced: (call: Call) => void;
  /** Told when this call has ended, or one that the telephone placed because of it. */
  readonly onEnd: (call: Call) => void;
}

/** Nobody talks for longer than this: a caller that vanished must not hold a telephone for ever. */
const longestTalkMs = 3_600_000;

/** A call to a telephone: it rings, is answered, and may be referred to somebody else (RFC 3515). */
export class IncomingCall implements Call {
  readonly with: string;
  private readonly timers = new Timers();
  private referralCount = 0;

  constructor(
    private readonly invitation: Invitation,
    private readonly line: Line,
    private readonly options: IncomingCallOptions,
  ) {
    this.with = uriOf(invitation.request.getHeader('From') ?? '') ?? '';
    invitation.delegate = { onRefer: (referral) => attempt(line.log, () => this.refer(referral)) };
    invitation.stateChange.addListener((state) => this.onState(state));
    const { telephone, times, log } = line;
    this.timers.after(times.ringMs, () => attempt(log, () => invitation.progress()));
    if (telephone.behaviour === 'answer') this.timers.after(times.answerMs, () => this.answer());
  }

  get state(): CallState {
    // A session that hangs up before it has the ACK stays Terminating until then (RFC 3261 section 15).
    const { Established, Terminating } = SessionState;
    return [Established, Terminating].includes(this.invitation.state) ? 'talking' : 'ringing';
  }

  async hangUp(): Promise<void> {
    this.timers.clear();
    await attempt(this.line.log, () => this.invitation.dispose());
  }

  private async answer(): Promise<void> {
    this.timers.clear();
    await attempt(this.line.log, () => this.invitation.accept());
  }

  private onState(state: SessionState): void {
    if (state === SessionState.Established) this.timers.after(longestTalkMs, () => this.hangUp());
    if (state !== SessionState.Terminated) return;
    this.timers.clear();
    this.options.onEnd(this);
  }

  private async refer(referral: Referral): Promise<void> {
    const { dialog } = this.invitation;
    const target = referTarget(referral.request.getHeader('Refer-To') ?? '');
    if (!dialog || !target) return referral.reject({ statusCode: 400, reasonPhrase: 'Bad Refer-To' });
    if (!this.options.hasRoom()) return referral.reject({ statusCode: 486 });
    await referral.accept();
    // The first subscription of a dialog needs no id (RFC 3515 section 2.4.6).
    const event = this.referralCount++ === 0 ? 'refer' : `refer;id=${referral.request.cseq}`;
    this.follow(target, referral.referredBy, dialog, event);
  }

  /** Calls the target, and reports to the referrer how that goes. */
  private follow(
    { uri, headers }: ReferTarget,
    referredBy: string | undefined,
    dialog: Core.Session,
    event: string,
  ): void {
    const reports = new ReferReports(dialog, event, this.line.userAgent.contact.toString());
    reports.notify('SIP/2.0 100 Trying', false);
    const call: OutgoingCall = new OutgoingCall(this.line, {
      target: { uri, headers: referredBy === undefined ? headers : [`Referred-By: ${referredBy}`, ...headers] },
      onStatus: (statusLine, isFinal) => reports.notify(statusLine, isFinal),
      onEnd: () => this.options.onEnd(call),
    });
    this.options.onPlaced(call);
  }
}
