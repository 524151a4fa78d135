import type { Protocol, Origin } from '../transport/transport.js';

/** Is told, never at once, that a message could not be sent, or that a request can no longer be answered. */
export type OnFailure = (error: Error) => void;

/** In a turn of its own: sip.js may just be making the transaction. */
export async function tellOfFailure(onFailure: OnFailure, error: Error): Promise<void> {
  await Promise.resolve();
  onFailure(error);
}

/** Sends what sip.js has made. */
export interface Sender {
  sendRequest(text: string, onFailure: OnFailure): void;
  sendResponse(text: string, source: Origin, onFailure: OnFailure): void;
}

/** What sip.js takes for a transport. Its messages have no destination: each outlet knows where to send the responses. */
export class Outlet {
  constructor(
    readonly protocol: Protocol,
    private readonly sender: Sender,
    /** Undefined: there are requests only. */
    private readonly source?: Origin,
  ) {}

  post(text: string, onFailure: OnFailure): void {
    const { sender, source } = this;
    if (source && isResponse(text)) sender.sendResponse(text, source, onFailure);
    else sender.sendRequest(text, onFailure);
  }

  /** Rejects where it fails, and does not settle otherwise. */
  send(text: string): Promise<void> {
    return new Promise((_resolve, reject) => this.post(text, reject));
  }
}

/** It begins with `SIP/2.0`, where a request has its method, in which there is no slash. */
function isResponse(text: string): boolean {
  return text[3] === '/';
}
