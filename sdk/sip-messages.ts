/** A header field as it goes on the wire: name and value. */
export type Header = readonly [name: string, value: string];

export interface Body {
  readonly contentType: string;
  readonly content: string;
}

/** What requests and responses from the network have in common. */
export interface SipMessage {
  readonly method: string;
  readonly callId: string;
  /** CSeq number. */
  readonly cseq: number;
  readonly body: Body | undefined;
  /** Names of all header fields, long. */
  readonly headerNames: string[];
  /** First value of a header field, by its long name in any case. */
  header(name: string): string | undefined;
  /** All values of a header field, top first. */
  headers(name: string): string[];
}

export interface SipResponse extends SipMessage {
  readonly status: number;
  readonly reason: string;
  /** For example `SIP/2.0 180 Ringing`. */
  readonly statusLine: string;
  /**
   * This response ends the request: true for exactly one response. False for 1xx, for a 401 or 407 that the stack answers
   * by itself, and for the later 2xx of a forked INVITE, which the stack acknowledges and ends with BYE.
   */
  readonly final: boolean;
  /**
   * Made by the stack, not received: 408 when no answer came, 503 when the request could not be sent (RFC 3261 section
   * 8.1.3.1), 491 for a re-INVITE that would cross another one.
   */
  readonly local: boolean;
}

/** Whom From or To names. */
export interface NamedParty {
  /** For example `sip:user2@example.com`, with the parameters of the URI and without those of the header field. */
  readonly uri: string;
  /**
   * What the users of a domain are found by: `user2@example.com` of a SIP URI, the number of a `tel:` URI. Escapes are left as they are;
   * ask `findAccount`. Empty if the URI names nobody.
   */
  readonly address: string;
  /** Without its quotes and escapes; empty if there is none. */
  readonly displayName: string;
}

export interface SipRequest extends SipMessage {
  /** Request-URI. */
  readonly uri: string;
  /**
   * Who says that it sends the request. Nothing proves it: anybody who reaches the SIP port can write any From (RFC 3261 section 26.1.2),
   * unless the domain's proxy checks who sends what, and nobody passes it by. So no right may hang on it.
   */
  readonly from: NamedParty;
  /** To whom the sender wrote it: where calls are forwarded, somebody else may get it. */
  readonly to: NamedParty;
}

export interface ReplyOptions {
  readonly reason?: string;
  readonly headers?: readonly Header[];
  readonly body?: Body;
}

/**
 * A request that waits for `reply`: one inside a dialog, except BYE, which the stack has answered, or a MESSAGE outside all dialogs.
 */
export interface IncomingRequest extends SipRequest {
  /** Sends a response. A second final response is ignored. */
  reply(status: number, options?: ReplyOptions): void;
}

export interface RequestOptions {
  readonly headers?: readonly Header[];
  readonly body?: Body;
}

/** A message of a call as it went over the wire. */
export interface WireMessage {
  readonly direction: 'in' | 'out';
  /** Request line or status line. */
  readonly startLine: string;
  /** For example `1 INVITE`. */
  readonly cseq: string;
  /** All of it, credentials masked; there at the log level `trace` only. */
  readonly text?: string;
}
