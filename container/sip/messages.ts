import type { Body as SipJsBody, IncomingRequestMessage, IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import type { Body, Header, SipMessage, SipRequest, SipResponse } from '../../sdk/index.js';

/** The SDK's view of messages, so that no type of sip.js reaches a plugin. */

function messageView(message: IncomingRequestMessage | IncomingResponseMessage, callId: string): SipMessage {
  return {
    method: message.method,
    callId,
    cseq: message.cseq,
    body: message.body ? { contentType: message.getHeader('content-type') ?? '', content: message.body } : undefined,
    header: (name) => message.getHeader(name),
    headers: (name) => message.getHeaders(name),
  };
}

export function requestView(message: IncomingRequestMessage): SipRequest {
  return { ...messageView(message, message.callId), uri: String(message.ruri) };
}

export function responseView(message: IncomingResponseMessage, final: boolean): SipResponse {
  const status = message.statusCode ?? 0;
  const reason = message.reasonPhrase ?? '';
  return {
    ...messageView(message, message.callId),
    status,
    reason,
    statusLine: `SIP/2.0 ${status} ${reason}`,
    final,
    local: false,
  };
}

const LOCAL_REASONS = { 408: 'Request Timeout', 491: 'Request Pending', 503: 'Service Unavailable' } as const;

/**
 * A final response that nobody sent: 408 for a time-out, 503 for a transport error (RFC 3261 section 8.1.3.1), 491 for a re-INVITE
 * that would cross another one (section 14.1).
 */
export function localResponse(
  request: { method: string; callId: string; cseq: number },
  status: 408 | 491 | 503,
): SipResponse {
  const reason = LOCAL_REASONS[status];
  return {
    method: request.method,
    callId: request.callId,
    cseq: request.cseq,
    body: undefined,
    header: () => undefined,
    headers: () => [],
    status,
    reason,
    statusLine: `SIP/2.0 ${status} ${reason}`,
    final: true,
    local: true,
  };
}

/** @throws TypeError where the content type could start another header */
export function sipJsBody(body: Body | undefined): SipJsBody | undefined {
  if (!body) return undefined;
  return {
    contentDisposition: 'session',
    contentType: oneLine(body.contentType, 'Content-Type'),
    content: body.content,
  };
}

/** Header lines as sip.js takes them. @throws TypeError on what would start another line: nothing may be injected here */
export function headerLines(headers: readonly Header[] = []): string[] {
  return headers.map(([name, value]) => {
    if (!isToken(name)) throw new TypeError(`${JSON.stringify(name)} is no header name`);
    return `${name}: ${oneLine(value, name)}`;
  });
}

/** A token of RFC 3261 section 25.1: a method, a header name. */
export function isToken(text: string): boolean {
  return /^[\w.!%*+`'~-]+$/.test(text);
}

/** A text for a start line or header field. A tab is white space there; every other control character of ASCII is refused. */
export function oneLine(text: string, what: string): string {
  if (/[^\P{Cc}\t\u0080-\u009f]/u.test(text)) throw new TypeError(`Control character in ${what}`);
  return text;
}
