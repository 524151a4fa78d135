import type { LegListener, OutgoingLeg } from '../../sdk/index.js';
import type { CallRequest } from './http/call-request.js';
import type { Cause } from './model/reasons.js';
import type { LegSession } from './sdp.js';

/** A call of either kind, as the HTTP side sees it. */
export interface Call {
  readonly request: CallRequest;
  /** Settles when the first INVITE was handed to the transport, or could not be. */
  readonly placed: Promise<void>;
  readonly hasEnded: boolean;
  /** What GET shows. */
  document(): string;
  /** Tears the call down: CANCEL or BYE. */
  abandon(cause: Cause): void;
  /** Another node has the call now: nothing more is sent, and received messages are ignored. */
  letGo(): void;
  /** The record is gone: nobody asks for the call any more. */
  forget(): void;
}

/** The leg to the calling party of a Refer call, which has answered. */
export interface AnsweredLeg {
  readonly leg: OutgoingLeg;
  readonly session: LegSession;
  readonly description: string;
  /** Sends what happens on the leg to another listener from now on. */
  listen(listener: LegListener): void;
}
