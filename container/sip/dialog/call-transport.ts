import type { IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import type { AddressOptions, CallAddress } from './call-address.js';
import type { CallCore } from './call-core.js';
import type { CallRemains } from './lingering-call.js';
import type { Locator } from '../location/locator.js';
import type { RequestSender } from '../transaction/pending-request.js';
import type { Delivery, Origin } from '../transport/transport.js';

/** What a call needs of the sockets it runs over. */
export interface CallTransport extends RequestSender {
  readonly locator: Locator;
  addressOf(options: AddressOptions): CallAddress;
  /** Sends a response back to where its request came from. @param delivery undefined: a copy of one that was sent before */
  sendResponse(response: string, source: Origin, delivery?: Delivery): void;
  /** Answers late copies in place of the call. @returns ends that before its time */
  linger(remains: CallRemains): () => void;
  /** The call's core has ended: no message is passed to it any more. */
  forget(core: CallCore): void;
}

export interface CallCoreOptions extends AddressOptions {
  readonly callId: string;
  /** Our tag in all dialogs of the call. */
  readonly localTag: string;
  /** The INVITE that began an incoming call; undefined: we began. */
  readonly invite?: IncomingRequestMessage;
  readonly displayName: string;
}
