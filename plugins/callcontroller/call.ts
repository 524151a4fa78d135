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
  /** The call is another node's now: nothing more is sent, and nothing that comes is heard. */
  letGo(): void;
  /** The record is gone: nobody asks for the call any more. */
  forget(): void;
}

/** A calling party that has been rung, and has answered, in a Refer call. */
export interface AnsweredLeg {
  readonly leg: OutgoingLeg;
  readonly session: LegSession;
  readonly description: string;
  /** Sends what happens on the leg to another listener from now on. */
  listen(listener: LegListener): void;
}
