import type { Protocol, Source } from './transport.js';

/** Sends what sip.js has made. */
export interface Sender {
  sendRequest(text: string): Promise<void>;
  sendResponse(text: string, source: Source): Promise<void>;
}

/** What sip.js takes for a transport. Its messages have no destination: each outlet knows where to send the responses. */
export class Outlet {
  constructor(
    readonly protocol: Protocol,
    private readonly sender: Sender,
    /** Undefined: there are requests only. */
    private readonly source?: Source,
  ) {}

  send(text: string): Promise<void> {
    const { sender, source } = this;
    return source && text.startsWith('SIP/2.0 ') ? sender.sendResponse(text, source) : sender.sendRequest(text);
  }
}
