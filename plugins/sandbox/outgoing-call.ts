import { type Core, Inviter, SessionState } from 'sip.js';
import { attempt, type Call, type CallState, type Line } from './line.js';
import type { ReferTarget } from './referral.js';
import { Timers } from './timers.js';

export interface OutgoingCallOptions {
  readonly target: ReferTarget;
  /** Gets the status line of each response but 100, in the order in which they come; the last one is final. */
  readonly onStatus: (statusLine: string, isFinal: boolean) => void;
  readonly onEnd: () => void;
}

/** 64*T1, in milliseconds: how long a telephone waits for the final response that follows its CANCEL (RFC 3261 section 9.1). */
const transactionMs = 32_000;

/** A call that a telephone places because it was referred to somebody. */
export class OutgoingCall implements Call {
  readonly with: string;
  private readonly inviter: Inviter;
  private readonly timers = new Timers();
  private hasFinal = false;

  constructor(
    private readonly line: Line,
    private readonly options: OutgoingCallOptions,
  ) {
    const { userAgent, times, log } = line;
    const { uri, headers } = options.target;
    this.with = uri.toString();
    this.inviter = new Inviter(userAgent, uri, { extraHeaders: [...headers] });
    this.inviter.delegate = { onRefer: (referral) => attempt(log, () => referral.reject({ statusCode: 603 })) };
    this.inviter.stateChange.addListener((state) => this.onState(state));
    this.timers.after(times.patienceMs, () => this.giveUp());
    const onResponse = ({ message }: Core.IncomingResponse): void =>
      this.report(message.statusCode, message.reasonPhrase);
    const requestDelegate = {
      onProgress: onResponse,
      onAccept: onResponse,
      onRedirect: onResponse,
      onReject: onResponse,
    };
    void attempt(log, () => this.inviter.invite({ requestDelegate }));
  }

  get state(): CallState {
    return this.inviter.state === SessionState.Established ? 'talking' : 'calling';
  }

  async hangUp(): Promise<void> {
    this.timers.clear();
    await attempt(this.line.log, () => this.inviter.dispose());
  }

  private onState(state: SessionState): void {
    if (state === SessionState.Established) {
      this.timers.clear();
      this.timers.after(this.line.times.talkMs, () => this.hangUp());
    }
    // SIP.js changes the state before it reports the response that terminated the session, so the end waits for the report.
    if (state === SessionState.Terminated) queueMicrotask(() => this.end(487, 'Request Terminated'));
  }

  /** SIP.js does not report a 200 that crosses the CANCEL. It hangs up at once, so the outcome is 487 in this case too. */
  private giveUp(): void {
    this.timers.after(transactionMs, () => this.end(408, 'Request Timeout'));
    void attempt(this.line.log, () => this.inviter.cancel());
  }

  private report(status = 0, reason = ''): void {
    if (this.hasFinal) return;
    this.hasFinal = status >= 200;
    this.options.onStatus(`SIP/2.0 ${status} ${reason}`, this.hasFinal);
  }

  /** The status is reported if no final status was. */
  private end(status: number, reason: string): void {
    this.timers.clear();
    this.report(status, reason);
    this.options.onEnd();
  }
}
