import { SipParseError } from './error.js';
import type { RequestMessage } from './received-message.js';

/** Why a request was refused. Its Vias could be read, so it can be answered. */
export class RefusedRequest extends SipParseError {
  /** @param partial what could be read; the response is made from it (RFC 3261 section 8.2.6.2). An ACK is never answered */
  constructor(
    reason: string,
    override readonly status: number,
    readonly partial: RequestMessage,
  ) {
    super(reason, status);
  }
}
