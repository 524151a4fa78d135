import type { AddressOptions, CallAddress } from './call-address.js';
import type { LingeringState } from './lingering-state.js';
import type { Locator } from '../location/locator.js';
import type { AllowedHops } from '../location/allowed-hops.js';
import type { ClientTransport } from '../transaction/delivery.js';
import type { Delivery, Origin } from '../transport/transport.js';

/** A call whose core has ended. */
export interface EndedCall {
  readonly callId: string;
  /** Whether the other side began the call. */
  readonly isIncoming: boolean;
}

/** What a call needs from the sockets. */
export interface CallTransport extends Omit<ClientTransport, 'onConnection'> {
  readonly locator: Locator;
  readonly allowedHops: AllowedHops;
  addressOf(options: AddressOptions): CallAddress;
  /** Sends a response back to where its request came from. */
  sendResponse(response: string, source: Origin, delivery?: Delivery): void;
  /** Answers late copies in place of the call. @returns ends that early */
  linger(state: LingeringState): () => void;
  /** The call's core has ended: no message is passed to it any more. */
  forget(call: EndedCall): void;
}
