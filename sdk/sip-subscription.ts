import type { SipRequest, SipResponse } from './sip-messages.js';

/** A NOTIFY of a subscription, which the stack has answered 200. Its body is what the event package says; 64 KiB at most. */
export interface Notification extends SipRequest {
  /** `active`, `pending` or `terminated`, in small letters (RFC 6665 section 4.1.3); an event package may have others. */
  readonly state: string;
}

/** Why a subscription is over. */
export interface SubscriptionEnd {
  /**
   * - `terminated`: the notifier has said so; `reason` and `retryAfterSeconds` are what it gave
   * - `refused`: SUBSCRIBE, or one that refreshed the subscription, got `response`, which may be one that the stack made
   * - `no-notify`: SUBSCRIBE was accepted, and no NOTIFY came within 64*T1 (Timer N, RFC 6665 section 4.1.2.4); after one with
   *   `Expires: 0`, not the last one
   * - `expired`: it could not be refreshed in time; `response` is the last one to an attempt at that
   */
  readonly cause: 'terminated' | 'refused' | 'no-notify' | 'expired';
  /**
   * In small letters, where the notifier gave one: `deactivated`, `probation`, `rejected`, `timeout`, `giveup`, `noresource`,
   * `invariant` (RFC 6665 section 4.1.3). With `deactivated` and `timeout` one may subscribe anew at once, with `probation` and
   * `giveup` after `retryAfterSeconds`; with the others one should not.
   */
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
  readonly response?: SipResponse;
}

/** What happens on a subscription. What a callback throws is logged, and changes nothing. */
export interface SubscriptionListener {
  /** Each NOTIFY, in its order; the last one too, whose state is `terminated`. */
  onNotify?(notification: Notification): void | Promise<void>;
  /** The subscription is over, called once. It is not called any more when the plugin is stopped. */
  onEnd?(end: SubscriptionEnd): void | Promise<void>;
}

/** A subscription at a notifier (RFC 6665). The stack refreshes it until it ends. */
export interface Subscription {
  readonly callId: string;
  /**
   * Unsubscribes (`Expires: 0`), as soon as the notifier is known by its first NOTIFY. What comes until the end still reaches the
   * listener: as a rule one more NOTIFY, then `onEnd` with `terminated`. Called again, it does nothing.
   */
  end(): void;
}
