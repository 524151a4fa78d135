import type { OutOfDialogRequest, SipResponse } from '../../../sdk/index.js';
import { sendNonInvite } from '../dialog/request-client.js';
import type { CallCore } from '../dialog/call-core.js';
import type { DigestClient } from '../dialog/digest.js';
import { localResponse } from '../message/messages.js';
import { outOfDialogRequest } from './out-of-dialog-request.js';

export interface SingleRequestOptions {
  readonly digest: DigestClient;
  readonly routeSet: string[];
}

/** A request that makes no dialog and has one final response: MESSAGE (RFC 3428) or OPTIONS (RFC 3261 section 11). */
export class SingleRequest {
  /** The final response, at once forgotten by the stack: copies of it need no answer. */
  readonly response: Promise<SipResponse>;
  #settle: (response: SipResponse) => void = () => undefined;

  /** Sends it. @throws Error on a URI, a header or a method that is none */
  constructor(
    private readonly core: CallCore,
    private readonly request: OutOfDialogRequest,
    { digest, routeSet }: SingleRequestOptions,
  ) {
    const { method, headers = [] } = request;
    if (method !== 'MESSAGE' && method !== 'OPTIONS')
      throw new TypeError(`${String(method)} is not sent outside a dialog by request()`);
    const namesAccept = headers.some(([name]) => name.toLowerCase() === 'accept');
    // RFC 3261 section 11.1 wants to know which descriptions would be understood.
    const lines = method === 'OPTIONS' && !namesAccept ? ['Accept: application/sdp'] : [];
    const message = outOfDialogRequest(core, request, { method, cseq: 1, routeSet, lines });
    this.response = this.#whenAnswered();
    sendNonInvite({
      core,
      digest,
      request: message,
      isInDialog: false,
      nextCseq: () => message.cseq + 1,
      onResponse: (response) => {
        if (response.final) this.#settle(response);
      },
    });
  }

  /** Gives it up: its response is 503 then. */
  async close(): Promise<void> {
    this.#settle(localResponse({ method: this.request.method, callId: this.core.callId, cseq: 1 }, 503));
    await this.response;
  }

  async #whenAnswered(): Promise<SipResponse> {
    try {
      return await new Promise<SipResponse>((resolve) => (this.#settle = resolve));
    } finally {
      this.core.dispose();
    }
  }
}
