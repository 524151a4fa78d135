import type { Header, IncomingRequest, LegListener, OutgoingLeg, SipResponse } from '../../sdk/index.js';
import type { Call, CallState, Line } from './line.js';
import { answerInDialog, hangUpMs, transactionMs } from './line.js';
import { SessionDescription } from './sdp.js';
import { Timers } from './timers.js';

export interface OutgoingCallOptions {
  /** SIP URI to call. */
  readonly target: string;
  readonly headers: readonly Header[];
  /** Gets the status line of each response, in the order in which they come; the last one is final. */
  readonly onStatus: (statusLine: string, status: number) => void;
  readonly onEnd: () => void;
}

/** A call that a telephone places because it was referred to somebody. */
export class OutgoingCall implements Call, LegListener {
  state: CallState = 'calling';
  readonly with: string;
  private readonly leg: OutgoingLeg;
  private readonly timers = new Timers();
  private readonly description: SessionDescription;
  private answered = false;
  private gaveUp = false;

  constructor(
    private readonly line: Line,
    private readonly options: OutgoingCallOptions,
  ) {
    const { agent, domain, telephone, times, log } = line;
    this.with = options.target;
    this.description = new SessionDescription(agent.host);
    this.leg = agent.invite(
      {
        uri: options.target,
        from: { uri: `sip:${telephone.userName}@${domain}` },
        to: options.target,
        credentials: telephone,
        headers: options.headers,
        body: this.description.offer(),
      },
      this,
    );
    this.leg.sent.catch((error: unknown) => log.debug('sandbox telephone could not call', { error: String(error) }));
    this.timers.after(times.patienceMs, () => this.giveUp());
  }

  onResponse(response: SipResponse): void {
    const isAnsweredChallenge = [401, 407].includes(response.status) && !response.final;
    if (this.answered || this.state === 'ended' || isAnsweredChallenge) return;
    if (response.status >= 200 && response.status < 300) this.connect();
    this.options.onStatus(response.statusLine, response.status);
    if (response.status >= 300) this.end();
  }

  onAckTimeout(): void {
    this.hangUp();
  }

  onRequest(request: IncomingRequest): void {
    if (request.method === 'BYE') this.end();
    else if (request.method === 'REFER') request.reply(603);
    else answerInDialog(request, this.description);
  }

  abandon(): void {
    if (this.state === 'ended') return;
    this.timers.clear();
    if (this.answered) {
      this.timers.after(hangUpMs, () => this.end());
      this.hangUp();
    } else {
      this.leg.cancel();
      this.end();
    }
  }

  private connect(): void {
    this.answered = true;
    this.state = 'talking';
    this.timers.clear();
    this.leg.ack();
    this.timers.after(this.gaveUp ? 0 : this.line.times.talkMs, () => this.hangUp());
  }

  private hangUp(): void {
    this.leg.bye({}, () => this.end());
  }

  /** A final response follows the CANCEL, if not from the telephone then from the stack; it is waited for as RFC 3261 section 9.1 says. */
  private giveUp(): void {
    this.gaveUp = true;
    this.leg.cancel();
    this.timers.after(transactionMs, () => {
      this.options.onStatus('SIP/2.0 408 Request Timeout', 408);
      this.end();
    });
  }

  private end(): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.timers.clear();
    this.leg.release();
    this.options.onEnd();
  }
}
