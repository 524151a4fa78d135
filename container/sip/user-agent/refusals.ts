import type { RequestMessage } from '../message/parser/received-message.js';
import type { ResponseOptions } from '../message/response.js';
import { allow } from '../message/methods.js';
import { namesSipContact } from '../dialog/target.js';

/**
 * Extensions that a request may require (RFC 3261 section 8.2.2.3). Session timers are up to the owner of the call (RFC 4028),
 * who may also leave them out: then the other side refreshes.
 */
const SUPPORTED = new Set(['timer']);

/** What is wrong with a request, whichever call it belongs to; undefined when nothing is. An ACK is never answered. */
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

/** Who is reached under the user part of a Request-URI. */
export interface Reached {
  readonly isUser: boolean;
  /** Whether it takes MESSAGEs outside dialogs. */
  readonly takesMessages: boolean;
  /** Whether nothing new is begun at present. */
  readonly isFull: () => boolean;
}

/**
 * Why a request outside all calls is not taken; undefined: it is an INVITE or a MESSAGE that may be taken.
 * @param isSecure whether it came over TLS: only then `sips:` is what it says
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
  // As an INVITE would be answered (RFC 3261 section 11.2).
  if (method === 'OPTIONS' && isFull()) return { statusCode: 503, extraHeaders: ['Retry-After: 5'] };
  if (method === 'OPTIONS') return { statusCode: 200, extraHeaders: [allow(takesMessages), 'Accept: application/sdp'] };
  return undefined;
}

function isUnsupported(optionTag: string): boolean {
  return optionTag !== '' && !SUPPORTED.has(optionTag.toLowerCase());
}
