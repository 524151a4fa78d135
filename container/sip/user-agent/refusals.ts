import type { RequestMessage } from '../message/parser/received-message.js';
import type { ResponseOptions } from '../message/response.js';
import { allow } from '../message/methods.js';
import { namesSipContact } from '../dialog/target.js';

/**
 * Extensions that a request may require (RFC 3261 section 8.2.2.3). Session timers (RFC 4028) are up to the owner of the call. Without
 * them the other side refreshes.
 */
const SUPPORTED = new Set(['timer']);

/** Why a request is refused, whichever call it belongs to; undefined if it is not. An ACK is never answered. */
export function refusalOf(request: RequestMessage): ResponseOptions | undefined {
  const { method } = request;
  if (method === 'ACK' || method === 'CANCEL') return undefined;
  if (request.hasHeader('Require')) {
    const required = request.getHeaders('Require').flatMap((value) => value.split(','));
    const unsupported = required.map((tag) => tag.trim()).filter(isUnsupported);
    if (unsupported.length > 0) return { statusCode: 420, extraHeaders: [`Unsupported: ${unsupported.join(', ')}`] };
  }
  if (method === 'INVITE' && !namesSipContact(request)) return { statusCode: 400, reasonPhrase: 'Bad Contact' };
  return undefined;
}

/** Whom the user part of a Request-URI reaches. */
export interface Reached {
  readonly isUser: boolean;
  /** Whether MESSAGEs outside dialogs have a handler. */
  readonly takesMessages: boolean;
  /** Whether new calls are refused at present. */
  readonly isFull: () => boolean;
}

/**
 * Why a request outside all calls is refused; undefined for an INVITE or a MESSAGE that is accepted.
 * @param isSecure whether the request came over TLS: only then is `sips:` true
 */
export function refusalOutsideCalls(
  request: RequestMessage,
  { isUser, takesMessages, isFull }: Reached,
  isSecure: boolean,
): ResponseOptions | undefined {
  const { method, ruri, toTag } = request;
  const isKnown = ['INVITE', 'BYE', 'CANCEL', 'OPTIONS'].includes(method) || (method === 'MESSAGE' && takesMessages);
  if (!isKnown && !toTag) return { statusCode: 405, extraHeaders: [allow(takesMessages)] };
  const isSip = ruri?.scheme === 'sip' || (isSecure && ruri?.scheme === 'sips');
  if (!ruri || !isSip) return { statusCode: 416 };
  if (toTag || method === 'CANCEL' || method === 'BYE') return { statusCode: 481 };
  const isForAnybody = method === 'OPTIONS' && !ruri.user;
  if (!isUser && !isForAnybody) return { statusCode: 404 };
  // The answer that an INVITE would get (RFC 3261 section 11.2).
  if (method === 'OPTIONS' && isFull()) return { statusCode: 503, extraHeaders: ['Retry-After: 5'] };
  if (method === 'OPTIONS') return { statusCode: 200, extraHeaders: [allow(takesMessages), 'Accept: application/sdp'] };
  return undefined;
}

function isUnsupported(optionTag: string): boolean {
  return optionTag !== '' && !SUPPORTED.has(optionTag.toLowerCase());
}
