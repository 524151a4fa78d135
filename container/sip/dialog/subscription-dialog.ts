import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import type { Origin } from '../transport/transport.js';
import { contactOf, Dialog, type DialogHost } from './dialog.js';

/** The dialog that the first NOTIFY makes (RFC 6665 section 4.4.1), with nothing in it but the subscription. */
export class SubscriptionDialog extends Dialog {
  /** @param subscribe the SUBSCRIBE that the NOTIFY follows, as it was sent last */
  constructor(host: DialogHost, subscribe: OutgoingRequest, notify: RequestMessage) {
    super(host, {
      localTag: subscribe.fromTag,
      remoteTag: notify.fromTag,
      localUri: subscribe.fromUri,
      remoteUri: subscribe.toUri,
      remoteTarget: contactOf(notify),
      routeSet: notify.getHeaders('Record-Route'),
      localCseq: subscribe.cseq,
      remoteCseq: undefined,
    });
  }

  /**
   * A proxy of the time before RFC 6665 stays in the path of the SUBSCRIBE only: where the NOTIFY has no Record-Route, the one of
   * the 2xx counts, as it did in RFC 3265.
   */
  takeRoute(accepted: ResponseMessage): void {
    if (accepted.toTag === this.remoteTag && this.routeSet.length === 0)
      this.takeRouteSet(accepted.getHeaders('Record-Route').toReversed());
  }

  /** Whether a NOTIFY comes in its order. One that does not is answered 500 (RFC 3261 section 12.2.2). */
  takes(notify: RequestMessage, source: Origin): boolean {
    if (!this.isInOrder(notify, source)) return false;
    this.refreshTarget(notify);
    return true;
  }

  /** Other requests are for usages that it does not have (RFC 5057 section 5.1). */
  override receiveRequest(request: RequestMessage, source: Origin): void {
    if (request.method !== 'ACK') this.host.replyStateless(request, { statusCode: 481 }, source);
  }
}
