import type { CallRequest } from './http/call-request.js';

/** A call of either kind, as the HTTP side sees it. */
export interface Call {
  readonly request: CallRequest;
  /** Settles when the first INVITE was handed to the transport, or could not be. */
  readonly placed: Promise<void>;
  readonly hasEnded: boolean;
  /** What GET shows. */
  document(): string;
  /** Tears the call down: CANCEL or BYE. */
  abandon(): void;
  /** The record is gone: nobody asks for the call any more. */
  forget(): void;
}
