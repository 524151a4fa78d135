import { ALLOWED_IN_DIALOGS, isAllowedInDialogs } from '../message/methods.js';
import type { RequestMessage } from '../message/parser/received-message.js';
import type { ResponseOptions } from '../message/response.js';

/** The call that a request is for. */
export interface CalledUser {
  /** User part of its Contact. */
  readonly contactUser: string;
  /** Whether the request already arrived by another path (RFC 3261 section 8.2.2.2). */
  readonly isMerged: () => boolean;
}

/** Why a request for a call is refused, whichever of its dialogs it is for (RFC 3261 section 8.2); undefined if it is accepted. */
export function inDialogRefusal(
  request: RequestMessage,
  { contactUser, isMerged }: CalledUser,
): ResponseOptions | undefined {
  const { method, ruri, toTag } = request;
  if (!isAllowedInDialogs(method)) return { statusCode: 405, extraHeaders: [`Allow: ${ALLOWED_IN_DIALOGS}`] };
  if (ruri?.scheme !== 'sip' && ruri?.scheme !== 'sips') return { statusCode: 416 };
  if ((ruri.user ?? '') !== contactUser) return { statusCode: 404 };
  if (method === 'INVITE' && !request.hasHeader('Contact'))
    return { statusCode: 400, reasonPhrase: 'Missing Contact Header' };
  if (!toTag && isMerged()) return { statusCode: 482 };
  return method === 'NOTIFY' && !namesEvent(request) ? { statusCode: 489 } : undefined;
}

function namesEvent(notify: RequestMessage): boolean {
  return Boolean(notify.parseHeader('Event')?.event);
}
