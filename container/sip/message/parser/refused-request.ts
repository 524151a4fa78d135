import { SipParseError } from './error.js';
import type { RequestMessage } from './received-message.js';

/** Why a request was refused whose Vias could be read all the same, so that it can be answered. */
export class RefusedRequest extends SipParseError {
  /** @param partial what could be read: a response is made of it (RFC 3261 section 8.2.6.2). An ACK is never answered */
  constructor(
    reason: string,
    override readonly status: number,
    readonly partial: RequestMessage,
  ) {
    super(reason, status);
  }
}
