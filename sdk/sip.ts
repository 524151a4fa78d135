import type { Account } from './accounts.js';
import type { IncomingLeg, Leg, LegListener, LegSnapshot, OutgoingLeg } from './sip-leg.js';
import type { Body, Header, IncomingRequest, SipResponse, WireMessage } from './sip-messages.js';
import type { Subscription, SubscriptionListener } from './sip-subscription.js';

/** What every request outside a dialog says: where it goes, from whom, to whom. */
export interface Addressing {
  /** Request-URI: a SIP URI. */
  readonly uri: string;
  readonly from: { readonly uri: string; readonly displayName?: string };
  /** To: a SIP URI. */
  readonly to: string;
  /** Whose secret answers 401 and 407: a user's, or one that the plugin brings. Without it those are final. */
  readonly credentials?: Account | SipCredentials;
  readonly headers?: readonly Header[];
  readonly body?: Body;
}

/** A call to be placed. */
export interface Invitation extends Addressing {
  /** User part of the Contact; by default the plugin's convergence name. */
  readonly contactUser?: string;
  /**
   * Told of every message of the call on the wire, in both directions; retransmissions of our own are left out.
   * @param text gives the message as a whole, credentials masked, while the listener runs
   */
  readonly onMessage?: (message: WireMessage, text: () => string) => void;
}

/** What the snapshot of a leg leaves out. */
export type Restoration = Pick<Invitation, 'credentials' | 'onMessage'>;

/** A request that makes no dialog (RFC 3428; RFC 3261 section 11). */
export interface OutOfDialogRequest extends Addressing {
  readonly method: 'MESSAGE' | 'OPTIONS';
}

/** What is to be told, and for how long (RFC 6665). */
export interface SubscriptionRequest extends Addressing {
  /** Event package, with its parameters if it has any: `presence`, `message-summary`, `dialog;id=7`. */
  readonly event: string;
  /**
   * How long it is wanted before it has to be refreshed, 0 to 604800 seconds (a week); the notifier may shorten it, or ask for
   * more (423), which it gets. The stack refreshes in time. 0 asks for the present state once: one NOTIFY, then `onEnd`.
   */
  readonly expiresSeconds: number;
}

/** A secret that the plugin brings itself. */
export interface SipCredentials {
  readonly userName: string;
  readonly password: string;
}

/**
 * A user agent: a SIP address of this process that places and takes calls, sends and takes messages, and subscribes to events. When
 * it is closed, after the plugin's `stop` at the latest, nothing new can be sent: `invite`, `request` and `subscribe` throw then.
 */
export interface UserAgent {
  /** Address and port that Via and Contact advertise. */
  readonly host: string;
  readonly port: number;
  /** Sends an INVITE. Returns at once; all that follows reaches the listener. */
  invite(invitation: Invitation, listener: LegListener): OutgoingLeg;
  /**
   * Goes on with a confirmed leg of another process that has stopped doing so, under this user agent's address. The other side learns
   * of the new address by the next re-INVITE or UPDATE (target refresh, RFC 3261 section 12.2), which the owner sends at once. The
   * CSeq of that is far above the stored one: the other side refuses what the former owner may still send. A leg that goes on
   * needs a new snapshot.
   *
   * @throws Error on a snapshot that does not describe a dialog, on a transport that is not served, and after the end
   */
  restore(snapshot: LegSnapshot, restoration: Restoration, listener: LegListener): Leg;
  /** Takes calls. The handler returns the leg's listener. Without a handler an INVITE is answered 480. */
  onInvite(handler: (leg: IncomingLeg) => LegListener): void;
  /**
   * Sends a MESSAGE or OPTIONS outside all dialogs, by the same way as an INVITE. 401 and 407 are answered, a server that fails is passed
   * over; what then comes is the result, whatever its status. The stack itself makes 408 if no answer came within 64*T1, and 503 if the
   * request could not be sent or the user agent was closed meanwhile.
   *
   * @throws Error (the promise is rejected) on a URI, a header or a method that is none
   */
  request(request: OutOfDialogRequest): Promise<SipResponse>;
  /**
   * Takes MESSAGEs outside dialogs (RFC 3428), of 64 KiB at most. The handler replies within 64*T1, with 200 as a rule; where it fails,
   * the stack replies 500. Without a handler a MESSAGE is answered 405.
   * @throws Error when there is one already
   */
  onMessage(handler: (message: IncomingRequest) => void | Promise<void>): void;
  /**
   * Subscribes to an event package (RFC 6665). Returns at once; all that follows reaches the listener. The headers, for example
   * Accept, are sent with every SUBSCRIBE, the body with the first one. A SUBSCRIBE that is forked makes one subscription:
   * the first notifier has it. It ends with the plugin at the latest, which then unsubscribes.
   *
   * @throws Error on a URI, a header or an event that is none, RangeError on `expiresSeconds`
   */
  subscribe(request: SubscriptionRequest, listener: SubscriptionListener): Subscription;
}

/** The container's SIP stack, as this plugin's user agent: its user part is the manifest's `sipConvergenceName`. */
export interface Sip extends UserAgent {
  /** The SIP domain that the container serves. */
  readonly domain: string;
  /** 64*T1 in milliseconds: how long the other side may take to answer a request (RFC 3261 section 17). */
  readonly transactionTimeoutMs: number;
  /** Opens a user agent on a port of its own; it is closed when the plugin stops, or by `close`. */
  open(options: UserAgentOptions): Promise<UserAgent & { close(): Promise<void> }>;
}

export interface UserAgentOptions {
  /** User part that it answers to and shows in its Contact. */
  readonly user: string;
  /** Port over UDP and TCP; 0 takes a free one. */
  readonly port: number;
  /** SIP URI of the proxy through which its requests go. */
  readonly proxy: string;
}
