import type {
  IncomingLeg,
  IncomingRequest,
  Invitation,
  Leg,
  LegListener,
  LegSnapshot,
  OutgoingLeg,
  OutOfDialogRequest,
  Restoration,
  Sip,
  SipResponse,
  Subscription,
  SubscriptionListener,
  SubscriptionRequest,
  UserAgent,
  UserAgentOptions,
} from '../../sdk/index.js';
import type { Phase } from './lifecycle.js';

/** Once a plugin is stopped or left out, nothing must begin that nobody would end. */
export const BEFORE_THE_END: readonly Phase[] = ['loading', 'starting', 'ready', 'draining', 'stopping'];
/** Nothing is sent and nothing opened before the plugin starts. */
const WHILE_RUNNING: readonly Phase[] = ['starting', 'ready', 'draining', 'stopping'];

/** Refuses a call in any other phase. @throws PluginError */
export type Demand = (call: string, ...phases: readonly Phase[]) => void;

/** A plugin's SIP user agent, whose methods can be called in their phase only. */
export class PhasedSip implements Sip {
  constructor(
    private readonly sip: Sip,
    private readonly demand: Demand,
  ) {}

  get domain(): string {
    return this.sip.domain;
  }

  get transactionTimeoutMs(): number {
    return this.sip.transactionTimeoutMs;
  }

  get host(): string {
    return this.sip.host;
  }

  get port(): number {
    return this.sip.port;
  }

  onInvite(handler: (leg: IncomingLeg) => LegListener): void {
    this.demand('sdk.sip.onInvite()', ...BEFORE_THE_END);
    this.sip.onInvite(handler);
  }

  onMessage(handler: (message: IncomingRequest) => void | Promise<void>): void {
    this.demand('sdk.sip.onMessage()', ...BEFORE_THE_END);
    this.sip.onMessage(handler);
  }

  invite(invitation: Invitation, listener: LegListener): OutgoingLeg {
    this.demand('sdk.sip.invite()', ...WHILE_RUNNING);
    return this.sip.invite(invitation, listener);
  }

  restore(snapshot: LegSnapshot, restoration: Restoration, listener: LegListener): Leg {
    this.demand('sdk.sip.restore()', ...WHILE_RUNNING);
    return this.sip.restore(snapshot, restoration, listener);
  }

  /** Throws at once where the phase is wrong, as the other methods do. */
  request(request: OutOfDialogRequest): Promise<SipResponse> {
    this.demand('sdk.sip.request()', ...WHILE_RUNNING);
    return this.sip.request(request);
  }

  subscribe(request: SubscriptionRequest, listener: SubscriptionListener): Subscription {
    this.demand('sdk.sip.subscribe()', ...WHILE_RUNNING);
    return this.sip.subscribe(request, listener);
  }

  open(options: UserAgentOptions): Promise<UserAgent & { close(): Promise<void> }> {
    this.demand('sdk.sip.open()', ...WHILE_RUNNING);
    return this.sip.open(options);
  }
}
