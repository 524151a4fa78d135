import { createHmac, randomBytes } from 'node:crypto';
import { constructOutgoingResponse, type IncomingRequestMessage, type ResponseOptions } from 'sip.js/lib/core/index.js';

const secret = randomBytes(16);
/** What a response repeats of its request (RFC 3261 section 8.2.6.2). */
const REPEATED = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

/** A To tag that is the same each time the request comes, and that nobody can guess (RFC 3261 section 8.2.7). */
export function statelessTag({ callId, fromTag, viaBranch }: IncomingRequestMessage): string {
  return createHmac('sha256', secret).update(`${callId} ${fromTag} ${viaBranch}`).digest('hex').slice(0, 16);
}

/** A response that is made without a transaction: a request that is sent again gets the same answer again. */
export function statelessResponse(request: IncomingRequestMessage, options: ResponseOptions): string {
  return constructOutgoingResponse(request, { ...options, toTag: statelessTag(request) }).message;
}

/** Refuses a request that could not be read as a whole: what a response repeats stands there as it came, if it came. */
export function refusalOfBroken(request: IncomingRequestMessage, status: number, reason: string): string {
  const fields = REPEATED.flatMap((name) => request.getHeaders(name).map((value) => `${name}: ${value}`));
  const isWithoutTag = request.parseHeader('To') !== undefined && !request.toTag;
  const tagged = fields.map((field) =>
    isWithoutTag && field.startsWith('To: ') ? `${field};tag=${statelessTag(request)}` : field,
  );
  return [`SIP/2.0 ${status} ${reason}`, ...tagged, 'Content-Length: 0', '', ''].join('\r\n');
}
