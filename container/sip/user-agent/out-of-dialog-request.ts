import type { Addressing } from '../../../sdk/index.js';
import type { CallCore } from '../dialog/call-core.js';
import { headerLines, messageBody } from '../message/messages.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import { parseUri } from '../message/parser/index.js';

/** What the requests of one core outside a dialog share, apart from their addresses. */
export interface RequestFrame {
  readonly method: string;
  readonly cseq: number;
  readonly routeSet: string[];
  /** Header lines that the stack adds. */
  readonly lines: readonly string[];
}

/** Makes a request outside all dialogs (RFC 3261 section 8.1.1). @throws Error on an invalid URI or header field */
export function outOfDialogRequest(core: CallCore, to: Addressing, frame: RequestFrame): OutgoingRequest {
  const { method, cseq, routeSet, lines } = frame;
  return core.makeOutgoingRequestMessage(
    method,
    parseUri(to.uri),
    parseUri(to.from.uri),
    parseUri(to.to),
    { cseq, routeSet },
    [...lines, ...headerLines(to.headers)],
    messageBody(to.body),
  );
}
