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

/** A request without a dialog, which gets one final response: MESSAGE (RFC 3428) or OPTIONS (RFC 3261 section 11). */
export class SingleRequest {
  /** The final response. The stack keeps nothing of it: copies need no answer. */
  readonly response: Promise<SipResponse>;
  #settle: (response: SipResponse) => void = () => undefined;

  /** Sends it. @throws Error on an invalid URI, header field or method */
  constructor(
    private readonly core: CallCore,
    private readonly request: OutOfDialogRequest,
    { digest, routeSet }: SingleRequestOptions,
  ) {
    const { method, headers = [] } = request;
    if (method !== 'MESSAGE' && method !== 'OPTIONS')
      throw new TypeError(`${String(method)} is not sent outside a dialog by request()`);
    const namesAccept = headers.some(([name]) => name.toLowerCase() === 'accept');
    // Accept says which descriptions we understand (RFC 3261 section 11.1).
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

  /** Gives up; the response is then 503. */
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
