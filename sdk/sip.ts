import type { Account } from './accounts.js';

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

export interface SipRequest extends SipMessage {
  /** Request-URI. */
  readonly uri: string;
}

export interface ReplyOptions {
  readonly reason?: string;
  readonly headers?: readonly Header[];
  readonly body?: Body;
}

/** A request inside a dialog. BYE is answered by the stack before it is shown; everything else waits for `reply`. */
export interface IncomingRequest extends SipRequest {
  /** Sends a response. A second final response is ignored. */
  reply(status: number, options?: ReplyOptions): void;
}

export interface RequestOptions {
  readonly headers?: readonly Header[];
  readonly body?: Body;
}

/** What happens on a leg. The callbacks of one leg are never called inside a call of the leg's own methods. */
export interface LegListener {
  /** Every response to an outgoing INVITE, challenges included, retransmissions left out. */
  onResponse?(response: SipResponse): void;
  /** A request from the other side: BYE, re-INVITE, UPDATE, REFER, INFO, MESSAGE, and NOTIFY also after the BYE (RFC 5057). */
  onRequest?(request: IncomingRequest): void;
  /** The caller of an incoming leg gave up before it was answered; the stack has answered 200 and 487. */
  onCancel?(): void;
  /** The other side takes back its re-INVITE, which was shown and not answered yet: 487 is due (RFC 3261 section 9.2). */
  onReinviteCancelled?(): void;
  /** The ACK of the 2xx came, with the body that it carried. */
  onAck?(body: Body | undefined): void;
  /**
   * A 2xx that is acknowledged and ended at once makes an offer, because the INVITE had none: returns the answer for its ACK
   * (RFC 3261 section 13.2.2.4).
   */
  answerSpare?(offer: Body): Body;
}

/** One leg of a call: the dialog that one INVITE makes (RFC 3261 section 12). */
export interface Leg {
  readonly callId: string;
  readonly localTag: string;
  /** Empty until the other side has answered with a tag. */
  readonly remoteTag: string;
  /** SIP URIs of the two parties. */
  readonly localParty: string;
  readonly remoteParty: string;
  /**
   * Sends a request other than INVITE in the confirmed dialog; a NOTIFY also after its BYE (RFC 5057). 401 and 407 are answered with the leg's credentials.
   * A REFER also opens its subscription (RFC 3515): its NOTIFYs reach `onRequest` until `release`.
   */
  send(method: string, options?: RequestOptions, onResponse?: (response: SipResponse) => void): void;
  /**
   * Changes the session: re-INVITE (RFC 3261 section 14). The owner acknowledges its 2xx with `ack`. One that crosses another
   * re-INVITE gets 491.
   * @returns takes it back: CANCEL, if it was not answered yet. Then 408 is made where no answer comes.
   */
  reinvite(options: RequestOptions, onResponse: (response: SipResponse) => void): () => void;
  /**
   * Acknowledges the latest 2xx of an INVITE that this side sent. Later 2xx of a forked INVITE are acknowledged and ended with BYE
   * by the stack.
   */
  ack(body?: Body): void;
  /** Sends BYE. `onResponse` gets its final response; one is made by the stack when none comes. */
  bye(options?: RequestOptions, onResponse?: (response: SipResponse) => void): void;
  /**
   * The owner is done with the leg. The stack answers late retransmissions for 64*T1 and then forgets it.
   * Every leg has to be released; it does not end a call by itself.
   */
  release(): void;
}

export interface Invitation {
  /** Request-URI. */
  readonly uri: string;
  readonly from: { readonly uri: string; readonly displayName?: string };
  /** To: a SIP URI. */
  readonly to: string;
  /** User part of the Contact; by default the plugin's convergence name. */
  readonly contactUser?: string;
  /** Whose secret answers 401 and 407. */
  readonly credentials?: Account | SipCredentials;
  readonly headers?: readonly Header[];
  readonly body?: Body;
}

/** A secret that the plugin brings itself. */
export interface SipCredentials {
  readonly userName: string;
  readonly password: string;
}

export interface OutgoingLeg extends Leg {
  /** Settles when the INVITE was handed to the transport, or could not be. */
  readonly sent: Promise<void>;
  /**
   * Sends the INVITE again with other headers and another body, after a final response that asks for that: one call for the other
   * side, with the same Call-ID (RFC 3261 section 8.1.3.5).
   */
  inviteAgain(options: RequestOptions): void;
  /** Cancels the INVITE as soon as RFC 3261 section 9.1 allows; a 2xx that crosses it still reaches `onResponse`. */
  cancel(options?: RequestOptions): void;
}

export interface IncomingLeg extends Leg {
  readonly invite: SipRequest;
  /** Sends 101 to 199. */
  progress(status: number, options?: ReplyOptions): void;
  /** Answers 200 with an SDP answer, or an offer where the INVITE had none. */
  accept(body: Body, options?: ReplyOptions): void;
  /** Declines with 300 to 699. */
  reject(status: number, options?: ReplyOptions): void;
}

/** A user agent: a SIP address of this process that places and takes calls. */
export interface UserAgent {
  /** Address and port that Via and Contact advertise. */
  readonly host: string;
  readonly port: number;
  /** Sends an INVITE. Returns at once; all that follows reaches the listener. */
  invite(invitation: Invitation, listener: LegListener): OutgoingLeg;
  /** Takes calls. The handler returns the leg's listener. Without a handler an INVITE is answered 480. */
  onInvite(handler: (leg: IncomingLeg) => LegListener): void;
}

/** The container's SIP stack, as this plugin's user agent: its user part is the manifest's `sipConvergenceName`. */
export interface Sip extends UserAgent {
  /** The SIP domain that the container serves. */
  readonly domain: string;
  /** 64*T1 in milliseconds: how long the other side may take to answer a request (RFC 3261 section 17). */
  readonly transactionTimeoutMs: number;
  /** Opens a user agent on a port of its own; it is closed when the plugin stops, or by `close`. */
  open(options: UserAgentOptions): Promise<UserAgent & { close(): Promise<void> }>;
}

export interface UserAgentOptions {
  /** User part that it answers to and shows in its Contact. */
  readonly user: string;
  /** Port over UDP and TCP; 0 takes a free one. */
  readonly port: number;
  /** SIP URI of the proxy through which its requests go. */
  readonly proxy: string;
}
