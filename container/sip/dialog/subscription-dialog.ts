import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import type { Origin } from '../transport/transport.js';
import { contactOf, Dialog, type DialogHost } from './dialog.js';

/** The dialog that the first NOTIFY makes (RFC 6665 section 4.4.1). Its only usage is the subscription. */
export class SubscriptionDialog extends Dialog {
  /** @param subscribe the last SUBSCRIBE before the NOTIFY */
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
   * A proxy older than RFC 6665 adds Record-Route to the SUBSCRIBE only. If the NOTIFY has none, the Record-Route of the 2xx counts, as
   * in RFC 3265.
   */
  takeRoute(accepted: ResponseMessage): void {
    if (accepted.toTag === this.remoteTag && this.routeSet.length === 0)
      this.takeRouteSet(accepted.getHeaders('Record-Route').toReversed());
  }

  /** Whether a NOTIFY is in order; answers 500 otherwise (RFC 3261 section 12.2.2). */
  takes(notify: RequestMessage, source: Origin): boolean {
    if (!this.isInOrder(notify, source)) return false;
    this.refreshTarget(notify);
    return true;
  }

  /** Other requests are for usages that this dialog does not have (RFC 5057 section 5.3). */
  override receiveRequest(request: RequestMessage, source: Origin): void {
    if (request.method !== 'ACK') this.host.replyStateless(request, { statusCode: 481 }, source);
  }
}
