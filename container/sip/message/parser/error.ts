/** Reason for what is nothing that was meant as a message. */
export const NO_MESSAGE = 'No SIP Message';

/**
 * Why a SIP message, or a part of one, was refused. The texts are the parser's own: nothing from the network is in them,
 * so they can go into a log or a reason phrase as they are.
 */
export class SipParseError extends Error {
  /** What a server answers a request with; undefined where there is nothing to answer, so the message is dropped. */
  readonly status: number | undefined;
  /** Reason phrase that goes with the status, or what is wrong. */
  readonly reason: string;

  /** Whether the datagram is nothing that was meant as a message: a keep-alive, another protocol. */
  get isForeign(): boolean {
    return this.reason === NO_MESSAGE;
  }

  constructor(reason: string, status?: number) {
    super(reason);
    this.name = 'SipParseError';
    this.reason = reason;
    this.status = status;
  }
}
