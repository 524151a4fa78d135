/** Reason for data that was not meant as a SIP message. */
export const NO_MESSAGE = 'No SIP Message';

/**
 * Why a SIP message, or a part of one, was refused. The texts are the parser's own: nothing from the network is in them,
 * so they can go into a log or a reason phrase as they are.
 */
export class SipParseError extends Error {
  /** The status to answer a request with; undefined if there is nothing to answer and the message is dropped. */
  readonly status: number | undefined;
  /** Reason phrase of the status, or what is wrong. */
  readonly reason: string;

  /** Whether the datagram was not meant as a SIP message: a keep-alive, another protocol. */
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
