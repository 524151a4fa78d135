import type { RequestMessage } from '../message/parser/received-message.js';
import type { Via } from '../message/parser/index.js';

/**
 * The key of a request's server transaction: branch, sent-by and method, where ACK and CANCEL count as INVITE (RFC 3261 section 17.2.3).
 * The branch of an RFC 2543 client is not unique, so the CSeq is added.
 */
export function serverKey(request: RequestMessage, via: Via): string {
  const method = request.method === 'ACK' || request.method === 'CANCEL' ? 'INVITE' : request.method;
  const branch = via.branch?.startsWith('z9hG4bK') ? via.branch : `${via.branch ?? ''} CSeq ${request.cseq}`;
  // Joined into a new string: the key outlives the request, and a slice would keep its text in memory.
  return [branch, ' ', via.host, ':', via.port ?? '', ' ', method].join('');
}

/** What matches a response with its client transaction (RFC 3261 section 17.1.3). */
export interface ClientKey {
  readonly branch: string;
  /** Needed because a CANCEL has the branch of its INVITE. */
  readonly method: string;
}

export function isSameClient(one: ClientKey, other: ClientKey): boolean {
  return one.branch === other.branch && one.method === other.method;
}
