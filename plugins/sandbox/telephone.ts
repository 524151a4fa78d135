import type { Invitation, UserAgent } from 'sip.js';
import type { Log } from '../../sdk/index.js';
import type { Endpoint } from './addresses.js';
import { IncomingCall } from './incoming-call.js';
import { attempt, type Call, type CallState, type Line } from './line.js';
import type { TelephoneSettings } from './settings.js';
import { type Delivery, type ReceivedText, TextMessages } from './text-messages.js';
import { createUserAgent } from './user-agent.js';

export interface TelephoneOptions {
  /** Through which the telephone sends everything, and from which everything comes. */
  readonly proxy: Endpoint;
  readonly domain: string;
  readonly telephone: TelephoneSettings;
  readonly times: Line['times'];
  readonly log: Log;
}

export interface TelephoneView {
  readonly userName: string;
  readonly behaviour: string;
  readonly state: 'idle' | CallState;
  readonly calls: readonly { readonly state: CallState; readonly with: string }[];
  readonly messages: readonly ReceivedText[];
}

/** Calls at a time. A telephone with so many lines is never in the way of a test, and still cannot be flooded. */
const lines = 200;
/** How long a telephone that is switched off waits for the other sides to answer, in milliseconds. */
const hangUpMs = 1000;
const states: readonly CallState[] = ['talking', 'ringing', 'calling'];

/** A telephone of the sandbox, made of SIP.js: takes calls and text messages as its behaviour says, and shows what it is doing. */
export class Telephone {
  private readonly userAgent: UserAgent;
  private readonly messages: TextMessages;
  private readonly calls = new Set<Call>();
  private own: Endpoint | undefined;
  private closed = false;
  private onIdle: (() => void) | undefined;

  constructor(private readonly options: TelephoneOptions) {
    const { proxy, domain, telephone, log } = options;
    this.messages = new TextMessages(telephone.behaviour);
    this.userAgent = createUserAgent({
      telephone,
      domain,
      log,
      transportOptions: { proxy, onOpen: (own) => (this.own = own) },
      delegate: {
        onInvite: (invitation) => this.take(invitation),
        onMessage: (message) => attempt(log, () => this.messages.take(message)),
      },
    });
  }

  get userName(): string {
    return this.options.telephone.userName;
  }

  /** Where the telephone listens, once it does. */
  get endpoint(): Endpoint | undefined {
    return this.own;
  }

  async start(): Promise<void> {
    await this.userAgent.start();
  }

  view(): TelephoneView {
    const { userName, behaviour } = this.options.telephone;
    const calls = [...this.calls].map((call) => ({ state: call.state, with: call.with }));
    const state = states.find((each) => calls.some((call) => call.state === each)) ?? 'idle';
    return { userName, behaviour, state, calls, messages: this.messages.received };
  }

  /**
   * Sends a text message.
   * @param to SIP URI, `user@host` or a user of the domain
   * @throws Error when `to` is none of them
   */
  async send(to: string, text: string): Promise<Delivery> {
    const address = to.includes('@') ? to : `${to}@${this.options.domain}`;
    const uri = /^sips?:/i.test(address) ? address : `sip:${address}`;
    return this.messages.send(this.userAgent, uri, text);
  }

  /** Hangs up every call and takes no more. Settles when the other sides know, or after a second. */
  async close(): Promise<void> {
    this.closed = true;
    await this.hangUp();
    this.messages.close();
    await this.userAgent.stop();
    await this.userAgent.transport.dispose();
  }

  private async hangUp(): Promise<void> {
    if (this.calls.size === 0) return;
    const idle = new Promise<void>((resolve) => (this.onIdle = resolve));
    const goodbyes = [...this.calls].map(async (call) => call.hangUp());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, hangUpMs)));
    await Promise.race([Promise.all([idle, ...goodbyes]), late]);
    clearTimeout(timer);
  }

  private take(invitation: Invitation): void {
    const { telephone, times, log } = this.options;
    if (telephone.behaviour === 'reject') return decline(603);
    if (telephone.behaviour === 'busy' || !this.hasRoom()) return decline(486);
    const line: Line = { userAgent: this.userAgent, telephone, times, log };
    const call = new IncomingCall(invitation, line, {
      hasRoom: () => this.hasRoom(),
      onPlaced: (placed) => this.calls.add(placed),
      onEnd: (ended) => this.forget(ended),
    });
    this.calls.add(call);

    function decline(statusCode: number): void {
      void attempt(log, () => invitation.reject({ statusCode }));
    }
  }

  private forget(call: Call): void {
    this.calls.delete(call);
    if (this.calls.size === 0) this.onIdle?.();
  }

  private hasRoom(): boolean {
    return !this.closed && this.calls.size < lines;
  }
}
