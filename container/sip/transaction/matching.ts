import type { RequestMessage } from '../message/parser/received-message.js';
import type { Via } from '../message/parser/index.js';

/**
 * Names the server transaction of a request: branch, sent-by and method, ACK and CANCEL being the INVITE's (RFC 3261 section 17.2.3).
 * A client of RFC 2543 has no branch of its own for each request, but a CSeq.
 */
export function serverKey(request: RequestMessage, via: Via): string {
  const method = request.method === 'ACK' || request.method === 'CANCEL' ? 'INVITE' : request.method;
  const branch = via.branch?.startsWith('z9hG4bK') ? via.branch : `${via.branch ?? ''} CSeq ${request.cseq}`;
  // In one piece: it is a key, and outlives the request.
  return [branch, ' ', via.host, ':', via.port ?? '', ' ', method].join('');
}

/** What names a client transaction, and a response that is for it (RFC 3261 section 17.1.3). */
export interface ClientKey {
  readonly branch: string;
  /** A CANCEL has the branch of its INVITE. */
  readonly method: string;
}

export function isSameClient(one: ClientKey, other: ClientKey): boolean {
  return one.branch === other.branch && one.method === other.method;
}
