import {
  type IncomingRequest as SipJsRequest,
  type ResponseOptions,
  TransactionStateError,
} from 'sip.js/lib/core/index.js';
import type { IncomingRequest, ReplyOptions } from '../../../sdk/index.js';
import { headerLines, oneLine, ReceivedRequest, sipJsBody } from '../message/messages.js';

/** Requests that refresh the target of a dialog: their responses carry a Contact (RFC 3261 section 12.2.2, RFC 3311 section 5.1). */
const REFRESHING = new Set(['INVITE', 'UPDATE']);

/**
 * The response as sip.js takes it, with a Contact where a dialog's target may be refreshed (RFC 3261 section 12.2).
 * @throws TypeError on a text that would start another line
 */
export function responseOptions(status: number, options: ReplyOptions, contact?: string): ResponseOptions {
  const extraHeaders = headerLines(options.headers);
  if (contact !== undefined) extraHeaders.push(`Contact: ${contact}`);
  const reasonPhrase = oneLine(options.reason ?? '', 'the reason phrase');
  return { statusCode: status, reasonPhrase, extraHeaders, body: sipJsBody(options.body) };
}

/** Shows a server transaction of sip.js to a plugin. */
export class ServerRequest extends ReceivedRequest implements IncomingRequest {
  constructor(
    private readonly server: SipJsRequest,
    private readonly contact: string,
  ) {
    super(server.message);
  }

  reply(status: number, options: ReplyOptions = {}): void {
    const { server } = this;
    const response = responseOptions(status, options, REFRESHING.has(this.method) ? this.contact : undefined);
    try {
      if (status === 100) server.trying();
      else if (status < 200) server.progress(response);
      else if (status < 300) server.accept(response);
      else if (status < 400) server.redirect([], response);
      else server.reject(response);
    } catch (error) {
      if (!(error instanceof TransactionStateError)) throw error; // answered before, or given up by its sender: nothing to do
    }
  }
}
