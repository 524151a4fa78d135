import type { CallReason } from '../../../sdk/index.js';
import { type Cause, failedAt, givenUp, hungUpBy, type Refusal, refusedBy } from '../model/reasons.js';
import type { CallEvent, State } from './invite-states.js';

/** The failure of a telephone that accepts without a description. */
export const NOT_ACCEPTABLE = {
  status: 488,
  reason: 'Not Acceptable Here',
  statusLine: 'SIP/2.0 488 Not Acceptable Here',
};
export const REQUEST_TIMEOUT = { status: 408, reason: 'Request Timeout' };

/** The causes of a call's end. */
export interface EndCauses {
  /** Why the controller gives the call up, if it does. */
  readonly cause: Cause;
  /** How the party that ends the call has left it. */
  readonly failure: Refusal | undefined;
  /** How the latest re-INVITE was refused. */
  readonly refusal: Refusal | undefined;
  readonly wasConnected: boolean;
}

/** Why a step ends an Invite call, as everybody sees it. */
export function inviteReason(from: State, event: CallEvent, causes: EndCauses): CallReason {
  const { cause, failure, refusal, wasConnected } = causes;
  const role = event.startsWith('called') ? 'callee' : 'caller';
  switch (event) {
    case 'command.hangup':
      return givenUp(cause, wasConnected);
    case 'timer.ring':
      return refusedBy(from === 'calling' ? 'caller' : 'callee', REQUEST_TIMEOUT);
    case 'calling.refused':
      if (from === 'fetching') return refusedBy('callee', failure ?? NOT_ACCEPTABLE);
      return failedAt('caller', refusal ?? NOT_ACCEPTABLE);
    case 'calling.failed':
    case 'called.failed':
      return refusedBy(role, failure ?? REQUEST_TIMEOUT);
    case 'calling.hungUp':
    case 'called.hungUp':
      return failure ? failedAt(role, failure) : hungUpBy(role, wasConnected);
    default:
      return { code: 'other', by: 'controller' };
  }
}
