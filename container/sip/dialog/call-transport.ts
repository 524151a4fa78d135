import type { AddressOptions, CallAddress } from './call-address.js';
import type { CallRemains } from './remains.js';
import type { Locator } from '../location/locator.js';
import type { Reach } from '../location/reach.js';
import type { ClientTransport } from '../transaction/delivery.js';
import type { Delivery, Origin } from '../transport/transport.js';

/** A call whose core has ended. */
export interface EndedCall {
  readonly callId: string;
  /** The other side has begun it. */
  readonly isIncoming: boolean;
}

/** What a call needs of the sockets it runs over. */
export interface CallTransport extends Omit<ClientTransport, 'onConnection'> {
  readonly locator: Locator;
  readonly reach: Reach;
  addressOf(options: AddressOptions): CallAddress;
  /** Sends a response back to where its request came from. */
  sendResponse(response: string, source: Origin, delivery?: Delivery): void;
  /** Answers late copies in place of the call. @returns ends that before its time */
  linger(remains: CallRemains): () => void;
  /** The call's core has ended: no message is passed to it any more. */
  forget(call: EndedCall): void;
}
