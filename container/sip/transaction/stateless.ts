import { type ResponseOptions, printResponse } from '../message/response.js';
import type { RequestMessage } from '../message/parser/received-message.js';
import { createHmac, randomBytes } from 'node:crypto';

const secret = randomBytes(16);
/** Header fields that a response copies from its request (RFC 3261 section 8.2.6.2). */
const REPEATED = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

/** A To tag that is the same for each copy of the request, and that nobody can guess (RFC 3261 section 8.2.7). */
export function statelessTag({ callId, fromTag, viaBranch }: RequestMessage): string {
  return createHmac('sha256', secret).update(`${callId} ${fromTag} ${viaBranch}`).digest('hex').slice(0, 16);
}

/** A response without a transaction: each copy of the request gets the same one. */
export function statelessResponse(request: RequestMessage, options: ResponseOptions): string {
  return printResponse(request, options, statelessTag(request));
}

/** Refuses a request that could not be read as a whole. The response copies its header fields unread, as far as they are there. */
export function refusalOfBroken(request: RequestMessage, status: number, reason: string): string {
  const fields = REPEATED.flatMap((name) => request.getHeaders(name).map((value) => `${name}: ${value}`));
  const isWithoutTag = request.parseHeader('To') !== undefined && !request.toTag;
  const tagged = fields.map((field) =>
    isWithoutTag && field.startsWith('To: ') ? `${field};tag=${statelessTag(request)}` : field,
  );
  return [`SIP/2.0 ${status} ${reason}`, ...tagged, 'Content-Length: 0', '', ''].join('\r\n');
}
