import {
  Dialog,
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  type OutgoingRequestMessage,
  SubscriptionDialog as SipJsSubscriptionDialog,
} from 'sip.js/lib/core/index.js';
import type { CallCore } from './call-core.js';
import { refreshTarget } from './target.js';

/**
 * The dialog that the first NOTIFY makes (RFC 6665 section 4.4.1), with nothing in it but the subscription. sip.js's own one
 * refreshes without credentials, and knows neither 423 nor another server.
 */
export class SubscriptionDialog extends Dialog {
  /** @param subscribe the SUBSCRIBE that the NOTIFY follows, as it was sent last */
  constructor(core: CallCore, subscribe: OutgoingRequestMessage, notify: IncomingRequestMessage) {
    super(core, SipJsSubscriptionDialog.initialDialogStateForSubscription(subscribe, notify));
  }

  /**
   * A proxy of the time before RFC 6665 stays in the path of the SUBSCRIBE only: where the NOTIFY has no Record-Route, the one of
   * the 2xx counts, as it did in RFC 3265.
   */
  takeRoute(accepted: IncomingResponseMessage): void {
    if (accepted.toTag === this.remoteTag && this.routeSet.length === 0) this.recomputeRouteSet(accepted);
  }

  /** Whether a NOTIFY comes in its order. One that does not is answered 500 (RFC 3261 section 12.2.2). */
  takes(notify: IncomingRequestMessage): boolean {
    if (!this.sequenceGuard(notify)) return false;
    super.receiveRequest(notify);
    refreshTarget(this, notify);
    return true;
  }

  /** Other requests are for usages that it does not have (RFC 5057 section 5.1). */
  override receiveRequest(request: IncomingRequestMessage): void {
    if (request.method !== 'ACK') this.core.replyStateless(request, { statusCode: 481 });
  }
}
