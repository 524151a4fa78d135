import type { MessageBody } from './response.js';
import type { RequestMessage, ResponseMessage } from './parser/received-message.js';
import type { Body, Header, NamedParty, SipMessage, SipRequest, SipResponse } from '../../../sdk/index.js';
import { flat } from './parser/flat.js';

/** The SDK's view of a received message. */
class ShownMessage<M extends RequestMessage | ResponseMessage> implements SipMessage {
  constructor(protected readonly message: M) {}

  get method(): string {
    return this.message.method;
  }

  get callId(): string {
    return this.message.callId;
  }

  get cseq(): number {
    return this.message.cseq;
  }

  get body(): Body | undefined {
    const { body } = this.message;
    return body ? { contentType: this.message.getHeader('content-type') ?? '', content: body } : undefined;
  }

  get headerNames(): string[] {
    return this.message.headerNames;
  }

  header(name: string): string | undefined {
    return this.message.getHeader(name);
  }

  headers(name: string): string[] {
    return this.message.getHeaders(name);
  }
}

export class ShownRequest extends ShownMessage<RequestMessage> implements SipRequest {
  get uri(): string {
    return String(this.message.ruri);
  }

  get from(): NamedParty {
    return namedParty(this.message.from);
  }

  get to(): NamedParty {
    return namedParty(this.message.to);
  }
}

/** A quoted pair of a display name (RFC 3261 section 25.1). */
const QUOTED_PAIR = /\\(.)/gs;

function namedParty({ uri, displayName }: RequestMessage['from']): NamedParty {
  const text = uri.toString();
  return {
    uri: text,
    address: userAndHost(text),
    displayName: displayName.replaceAll(QUOTED_PAIR, '$1'),
  };
}

/** `user@host` of a SIP URI, the number of a `tel:` URI. */
function userAndHost(uri: string): string {
  const [, number] = /^tel:([^;?]+)/i.exec(uri) ?? [];
  if (number !== undefined) return number;
  const [, user = '', host = ''] = /^sips?:([^@:]*)(?::[^@]*)?@(\[[^\]]+\]|[^:;?]+)/i.exec(uri) ?? [];
  return user === '' ? '' : `${user}@${host}`;
}

class ShownResponse extends ShownMessage<ResponseMessage> implements SipResponse {
  readonly local = false;

  constructor(
    message: ResponseMessage,
    readonly final: boolean,
  ) {
    super(message);
  }

  get status(): number {
    return this.message.statusCode ?? 0;
  }

  get reason(): string {
    return this.message.reasonPhrase ?? '';
  }

  get statusLine(): string {
    return `SIP/2.0 ${this.status} ${this.reason}`;
  }
}

export function responseView(message: ResponseMessage, final: boolean): SipResponse {
  return new ShownResponse(message, final);
}

const LOCAL_REASONS = { 408: 'Request Timeout', 491: 'Request Pending', 503: 'Service Unavailable' } as const;

/**
 * A final response that the stack makes itself: 408 for a time-out, 503 for a transport error (RFC 3261 section 8.1.3.1), 491 for a
 * re-INVITE that would cross another (section 14.1).
 */
export function localResponse(
  request: { method: string; callId: string; cseq: number },
  status: 408 | 491 | 503,
): SipResponse {
  return bareResponse(request, status, LOCAL_REASONS[status], true);
}

/**
 * The same final response without header fields and body, so that it keeps nothing of the received message in memory.
 * @param callId the call's own copy of the Call-ID
 */
export function withoutMessage({ method, cseq, status, reason, local }: SipResponse, callId: string): SipResponse {
  return bareResponse({ method: flat(method), callId, cseq }, status, flat(reason), local);
}

function bareResponse(
  { method, callId, cseq }: { method: string; callId: string; cseq: number },
  status: number,
  reason: string,
  local: boolean,
): SipResponse {
  return {
    method,
    callId,
    cseq,
    body: undefined,
    headerNames: [],
    header: () => undefined,
    headers: () => [],
    status,
    reason,
    statusLine: `SIP/2.0 ${status} ${reason}`,
    final: true,
    local,
  };
}

/** @throws TypeError if the content type could start another header field */
export function messageBody(body: Body | undefined): MessageBody | undefined {
  if (!body) return undefined;
  return {
    contentType: oneLine(body.contentType, 'Content-Type'),
    content: body.content,
  };
}

/** Header fields as lines. @throws TypeError if a name or value would start another line: this guards against injection */
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

/** A text for a start line or header field. Tabs are allowed; any other ASCII control character is refused. */
export function oneLine(text: string, what: string): string {
  if (/[^\P{Cc}\t\u0080-\u009f]/u.test(text)) throw new TypeError(`Control character in ${what}`);
  return text;
}
