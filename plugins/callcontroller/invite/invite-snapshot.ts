import type { Body, LegSnapshot } from '../../../sdk/index.js';
import type { CallRequest } from '../http/call-request.js';
import type { SessionSnapshot } from '../sdp.js';
import type { SessionTimerSnapshot } from './session-timer.js';

/** One telephone of a connected call. */
export interface PartySnapshot {
  readonly leg: LegSnapshot;
  readonly session: SessionSnapshot;
  readonly sessionTimer: SessionTimerSnapshot;
  /** The description of the party's that is in force. */
  readonly description: string;
  /** Our own. */
  readonly ownDescription?: Body | undefined;
  readonly knowsUpdate: boolean;
  readonly statusLine: string;
}

/** A leg that is over, as GET shows it. */
export interface FormerParty {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localParty: string;
  readonly remoteParty: string;
  readonly statusLine: string;
}

/** A connected Invite call as plain data, which survives JSON. There are no secrets in it. */
export interface InviteSnapshot {
  readonly request: CallRequest;
  readonly calling: PartySnapshot;
  readonly called: PartySnapshot;
  readonly former: readonly FormerParty[];
}
