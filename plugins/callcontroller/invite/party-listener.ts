import type { Body, IncomingRequest, SipResponse } from '../../../sdk/index.js';

/** The dialog states that GET shows. */
export type PartyState = 'Early Dialog' | 'Confirmed Dialog' | 'Completed Dialog' | 'Terminated Dialog';

/** What a party does. A dismissed party reports only its end. */
export interface PartyListener<Party> {
  /** Each response to the INVITE that is not answered by another INVITE. */
  onResponse(party: Party, response: SipResponse): void;
  /** 2xx to the INVITE. Where that carried an offer, the owner answers it, see `answer` and `acknowledge`. */
  onAnswered(party: Party): void;
  /** The INVITE without an offer was refused, as one that has none: the party may be invited with one. */
  onOfferWanted(party: Party, response: SipResponse): void;
  /** No more answer can come. */
  onFailed(party: Party, response: SipResponse): void;
  onHungUp(party: Party, bye: IncomingRequest): void;
  /** The party no longer answers requests, or its session has expired. */
  onLost(party: Party): void;
  onRequest(party: Party, request: IncomingRequest): void;
  /** A new description or a new session interval is in force. */
  onAgreed(party: Party): void;
  onReinviteCancelled(party: Party): void;
  onAck(party: Party, body: Body | undefined): void;
  /** The leg is over, in whatever way. Told once. */
  onClosed(party: Party): void;
}

export interface PartyTimes {
  /** Interval that the INVITE proposes for the session timer (RFC 4028), in seconds. */
  readonly sessionExpiresSeconds: number;
  /** Interval of checks that the party is still there, in seconds. */
  readonly livenessSeconds: number;
  /** How long an answer to CANCEL may take, in milliseconds. */
  readonly transactionMs: number;
}
