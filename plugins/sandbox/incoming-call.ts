import type { IncomingLeg, IncomingRequest, LegListener } from '../../sdk/index.js';
import type { Call, CallState, Line } from './line.js';
import { answerInDialog, hangUpMs } from './line.js';
import type { ReferTarget } from './referral.js';
import { Referral, referTarget } from './referral.js';
import { SessionDescription } from './sdp.js';
import { Timers } from './timers.js';

export interface IncomingCallOptions {
  /** Whether the telephone can place one more call. */
  readonly hasRoom: () => boolean;
  /** Gets the call that the telephone places because this one referred it. */
  readonly onPlaced: (call: Call) => void;
  readonly onEnd: (call: Call) => void;
}

/** Nobody rings or talks for longer than this: a caller that vanished must not hold a telephone for ever. */
const longestRingMs = 3_600_000;
const longestTalkMs = 3_600_000;

/** A call to a telephone: it rings, is answered, and may be referred to somebody else (RFC 3515). */
export class IncomingCall implements Call, LegListener {
  state: CallState = 'ringing';
  readonly with: string;
  private readonly timers = new Timers();
  private readonly description: SessionDescription;
  private readonly referrals = new Set<Referral>();
  private referralCount = 0;
  private released = false;

  constructor(
    private readonly leg: IncomingLeg,
    private readonly line: Line,
    private readonly options: IncomingCallOptions,
  ) {
    this.with = leg.remoteParty;
    this.description = new SessionDescription(line.agent.host);
    const { telephone, times } = line;
    this.timers.after(times.ringMs, () => leg.progress(180));
    if (telephone.behaviour === 'answer') this.timers.after(times.answerMs, () => this.answer());
    else this.timers.after(longestRingMs, () => this.refuse());
  }

  onCancel(): void {
    this.end();
  }

  onAck(): void {
    this.timers.clear();
    this.timers.after(longestTalkMs, () => this.hangUp());
  }

  onAckTimeout(): void {
    this.hangUp();
  }

  onRequest(request: IncomingRequest): void {
    if (request.method === 'BYE') this.end();
    else if (request.method === 'REFER') this.refer(request);
    else answerInDialog(request, this.description);
  }

  abandon(): void {
    this.referrals.clear();
    this.timers.clear();
    if (this.state === 'talking') {
      this.timers.after(hangUpMs, () => this.end());
      this.hangUp();
      return;
    }
    if (this.state === 'ringing') this.leg.reject(480);
    this.end();
  }

  private answer(): void {
    this.state = 'talking';
    this.timers.clear();
    this.leg.accept(this.description.answer(this.leg.invite.body));
  }

  private refuse(): void {
    this.leg.reject(480);
    this.end();
  }

  private hangUp(): void {
    this.leg.bye({}, () => this.end());
  }

  private refer(request: IncomingRequest): void {
    const [referTo, ...more] = request.headers('Refer-To');
    const target = referTo === undefined || more.length > 0 ? undefined : referTarget(referTo);
    if (!target) request.reply(400, { reason: 'Bad Refer-To' });
    else if (!this.options.hasRoom()) request.reply(486);
    else this.follow(request, target);
  }

  private follow(request: IncomingRequest, target: ReferTarget): void {
    const eventId = this.referralCount++ === 0 ? undefined : request.cseq;
    const referral: Referral = new Referral(this.leg, eventId, () => {
      this.referrals.delete(referral);
      this.releaseWhenDone();
    });
    this.referrals.add(referral);
    try {
      const call = referral.follow(request, target, this.line, () => this.options.onEnd(call));
      this.options.onPlaced(call);
    } catch (error) {
      this.line.log.debug('sandbox telephone cannot call', { target: target.uri, error: String(error) });
      this.referrals.delete(referral);
      request.reply(400, { reason: 'Bad Refer-To' });
    }
  }

  private end(): void {
    this.state = 'ended';
    this.timers.clear();
    this.releaseWhenDone();
  }

  /** The dialog lives on after the BYE for the referrals that still have something to report. */
  private releaseWhenDone(): void {
    if (this.released || this.state !== 'ended' || this.referrals.size > 0) return;
    this.released = true;
    this.leg.release();
    this.options.onEnd(this);
  }
}
