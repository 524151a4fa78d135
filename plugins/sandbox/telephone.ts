import type { IncomingLeg, LegListener } from '../../sdk/index.js';
import { IncomingCall } from './incoming-call.js';
import type { Call, CallState, Line } from './line.js';
import { type ReceivedText, TextMessages } from './text-messages.js';

export interface TelephoneView {
  readonly userName: string;
  readonly behaviour: string;
  readonly state: 'idle' | CallState;
  readonly calls: readonly { readonly state: CallState; readonly with: string }[];
  readonly messages: readonly ReceivedText[];
}

/** Calls at a time. A telephone with so many lines is never in the way of a test, and still cannot be flooded. */
const lines = 200;
const states: readonly CallState[] = ['talking', 'ringing', 'calling'];

/** A telephone of the sandbox: takes calls and text messages as its behaviour says, and shows what it is doing. */
export class Telephone {
  readonly messages: TextMessages;
  private readonly calls = new Set<Call>();
  private closed = false;
  private onIdle: (() => void) | undefined;

  constructor(private readonly line: Line) {
    this.messages = new TextMessages(line);
    line.agent.onInvite((leg) => this.take(leg));
  }

  get userName(): string {
    return this.line.telephone.userName;
  }

  view(): TelephoneView {
    const { userName, behaviour } = this.line.telephone;
    const calls = [...this.calls]
      .filter((call) => call.state !== 'ended')
      .map((call) => ({ state: call.state, with: call.with }));
    const state = states.find((each) => calls.some((call) => call.state === each)) ?? 'idle';
    return { userName, behaviour, state, calls, messages: this.messages.received };
  }

  /** Hangs up every call and takes no more. Settles when the other sides know, or after a second. */
  async close(): Promise<void> {
    this.closed = true;
    const idle = new Promise<void>((resolve) => (this.onIdle = resolve));
    for (const call of this.calls) call.abandon();
    if (this.calls.size > 0) await idle;
  }

  private take(leg: IncomingLeg): LegListener {
    const { behaviour } = this.line.telephone;
    if (behaviour === 'reject') return decline(leg, 603);
    if (behaviour === 'busy' || !this.hasRoom()) return decline(leg, 486);
    const call = new IncomingCall(leg, this.line, {
      hasRoom: () => this.hasRoom(),
      onPlaced: (placed) => this.calls.add(placed),
      onEnd: (ended) => this.forget(ended),
    });
    this.calls.add(call);
    return call;
  }

  private forget(call: Call): void {
    this.calls.delete(call);
    if (this.calls.size === 0) this.onIdle?.();
  }

  private hasRoom(): boolean {
    return !this.closed && this.calls.size < lines;
  }
}

function decline(leg: IncomingLeg, status: number): LegListener {
  leg.reject(status);
  leg.release();
  return {};
}
