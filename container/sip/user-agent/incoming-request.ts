import type { ResponseOptions } from '../message/response.js';
import type { IncomingRequest, ReplyOptions } from '../../../sdk/index.js';
import type { RequestServer } from '../dialog/request-server.js';
import { headerLines, oneLine, ShownRequest, messageBody } from '../message/messages.js';

/** Requests that refresh the target of a dialog: their responses carry a Contact (RFC 3261 section 12.2.2, RFC 3311 section 5.1). */
const REFRESHING = new Set(['INVITE', 'UPDATE']);

/**
 * The response, with a Contact if the dialog's target may be refreshed (RFC 3261 section 12.2).
 * @throws TypeError on a text that would start another line
 */
export function responseOptions(status: number, options: ReplyOptions, contact?: string): ResponseOptions {
  const extraHeaders = headerLines(options.headers);
  if (contact !== undefined) extraHeaders.push(`Contact: ${contact}`);
  const reasonPhrase = oneLine(options.reason ?? '', 'the reason phrase');
  return { statusCode: status, reasonPhrase, extraHeaders, body: messageBody(options.body) };
}

/** Shows a request to a plugin, which answers it. */
export class ServerRequest extends ShownRequest implements IncomingRequest {
  constructor(
    private readonly server: RequestServer,
    private readonly contact: string,
  ) {
    super(server.message);
  }

  reply(status: number, options: ReplyOptions = {}): void {
    const contact = REFRESHING.has(this.method) ? this.contact : undefined;
    this.server.reply(responseOptions(status, options, contact));
  }
}
