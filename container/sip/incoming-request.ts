import {
  type IncomingRequest as SipJsRequest,
  type ResponseOptions,
  TransactionStateError,
} from 'sip.js/lib/core/index.js';
import type { IncomingRequest, ReplyOptions } from '../../sdk/index.js';
import { headerLines, oneLine, requestView, sipJsBody } from './messages.js';

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
export function incomingRequest(server: SipJsRequest, contact: string): IncomingRequest {
  return {
    ...requestView(server.message),
    reply(status, options = {}) {
      const isInvite = server.message.method === 'INVITE';
      const response = responseOptions(status, options, isInvite ? contact : undefined);
      try {
        if (status === 100) server.trying();
        else if (status < 200) server.progress(response);
        else if (status < 300) server.accept(response);
        else if (status < 400) server.redirect([], response);
        else server.reject(response);
      } catch (error) {
        if (!(error instanceof TransactionStateError)) throw error; // answered before, or given up by its sender: nothing to do
      }
    },
  };
}
