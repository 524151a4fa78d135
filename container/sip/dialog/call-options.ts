import type { RequestMessage } from '../message/parser/received-message.js';
import type { AddressOptions } from './call-address.js';
import type { ServerAddresses } from '../location/server-addresses.js';

export interface CallCoreOptions extends AddressOptions {
  readonly callId: string;
  /** Our tag in all dialogs of the call. */
  readonly localTag: string;
  /** The INVITE of an incoming call; undefined in an outgoing call. */
  readonly invite?: RequestMessage;
  readonly displayName: string;
  /** The proxy of its user agent. */
  readonly proxy: Pick<ServerAddresses, 'includes'>;
}
