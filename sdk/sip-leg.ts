import type { Body, IncomingRequest, ReplyOptions, RequestOptions, SipRequest, SipResponse } from './sip-messages.js';

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
   * No ACK of a 2xx came for 64*T1, to the INVITE of an incoming leg or to a re-INVITE: the dialog is ended with BYE (RFC 3261 sections
   * 13.3.1.4 and 14.2), which the stack sends where the listener does not.
   */
  onAckTimeout?(): void;
  /**
   * A 2xx that is acknowledged and ended at once makes an offer, because the INVITE had none: returns the answer for its ACK
   * (RFC 3261 section 13.2.2.4).
   */
  answerSpare?(offer: Body): Body;
}

/** A confirmed dialog as plain data (RFC 3261 section 12), which survives JSON. */
export interface DialogSnapshot {
  readonly callId: string;
  readonly localTag: string;
  /** Empty if the other side has none. */
  readonly remoteTag: string;
  /** URIs of the two parties. */
  readonly localUri: string;
  readonly remoteUri: string;
  /** URI of the other side's Contact. */
  readonly remoteTarget: string;
  /** Route header values, in the order in which requests carry them. */
  readonly routeSet: readonly string[];
  /** CSeq of the last request that was sent. */
  readonly localCseq: number;
  /** CSeq of the last request that came; absent: none. */
  readonly remoteCseq?: number | undefined;
  /** The call is one of `sips:`. */
  readonly isSecure: boolean;
}

/** How the proxy of a realm has challenged a leg: other challenges of the realm are not answered. */
export interface ChallengeSnapshot {
  readonly realm: string;
  /** What the credentials were sent in. */
  readonly header: 'authorization' | 'proxy-authorization';
  /** Status and reason phrase of the provisional responses that came first. */
  readonly provisionals: readonly string[];
  /** Of the algorithm: 1 for MD5, more for a stronger one. */
  readonly strength: number;
}

/**
 * A confirmed leg as plain data, which survives JSON: `UserAgent.restore` goes on with the leg in another process. There are no
 * secrets in the data.
 */
export interface LegSnapshot {
  readonly dialog: DialogSnapshot;
  /** User part of the Contact. */
  readonly contactUser: string;
  /** Display name of the From, with its escapes. */
  readonly displayName: string;
  /** The transport that Via and Contact name. */
  readonly protocol: 'UDP' | 'TCP' | 'TLS';
  readonly challenges: readonly ChallengeSnapshot[];
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
   * re-INVITE, or comes before the ACK of the last one, gets 491.
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
  /** What another process needs to go on with the leg. @throws Error while there is no confirmed dialog, or none any more */
  snapshot(): LegSnapshot;
  /**
   * The owner is done with the leg. The stack answers late retransmissions for 64*T1 and then forgets it.
   * Every leg has to be released; it does not end a call by itself.
   */
  release(): void;
  /** Forgets the leg at once and without sending anything, whatever is under way: another process goes on with its dialog. */
  letGo(): void;
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
