import { constructOutgoingResponse, type IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import type { RequestMessage } from './parser/received-message.js';

/** A body of an outgoing message. */
export interface MessageBody {
  readonly contentType: string;
  readonly content: string;
}

export interface ResponseOptions {
  readonly statusCode: number;
  /** By default that of the RFC. */
  readonly reasonPhrase?: string | undefined;
  /** Header lines. */
  readonly extraHeaders?: readonly string[] | undefined;
  readonly body?: MessageBody | undefined;
}

/**
 * The text of a response (RFC 3261 section 8.2.6.2).
 * @param toTag for a request whose To has no tag; a 100 needs none
 * @throws TypeError on an invalid status
 */
export function printResponse(request: RequestMessage, options: ResponseOptions, toTag?: string): string {
  const { reasonPhrase, extraHeaders, body } = options;
  const sipJsOptions = {
    statusCode: options.statusCode,
    ...(reasonPhrase !== undefined && { reasonPhrase }),
    ...(toTag !== undefined && { toTag }),
    ...(extraHeaders && { extraHeaders: [...extraHeaders] }),
    ...(body && { body: { ...body, contentDisposition: 'session' } }),
  };
  // sip.js reads the header fields, Call-ID, CSeq, method and To tag of the request, and nothing else.
  return constructOutgoingResponse(request as unknown as IncomingRequestMessage, sipJsOptions).message;
}
