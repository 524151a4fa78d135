import { createHmac, randomBytes } from 'node:crypto';
import { constructOutgoingResponse, type IncomingRequestMessage, type ResponseOptions } from 'sip.js/lib/core/index.js';

const secret = randomBytes(16);

/** A To tag that is the same each time the request comes, and that nobody can guess (RFC 3261 section 8.2.7). */
export function statelessTag({ callId, fromTag, viaBranch }: IncomingRequestMessage): string {
  return createHmac('sha256', secret).update(`${callId} ${fromTag} ${viaBranch}`).digest('hex').slice(0, 16);
}

/** A response that is made without a transaction: a request that is sent again gets the same answer again. */
export function statelessResponse(request: IncomingRequestMessage, options: ResponseOptions): string {
  return constructOutgoingResponse(request, { ...options, toTag: statelessTag(request) }).message;
}
