import type { Fact } from '../model/call-status.js';
import type { CallEvent, State } from './invite-states.js';

/** States in which a target is on its way into the call. */
const TRANSFERRING: ReadonlySet<State> = new Set([
  'transferring',
  'bridging',
  'retargeting',
  'bridgingByTarget',
  'retargetingCalled',
]);

/** By state, where the called party agrees to an offer. */
const AGREED_BY_CALLED: Readonly<Partial<Record<State, Fact>>> = {
  holdingCalled: 'held',
  offering: 'connected',
  alerting: 'connected',
  reconnectingCalled: 'resumed',
};

/** The fact that a step of an Invite call makes known; undefined if none. */
export function inviteFact(from: State, event: CallEvent, to: State): Fact | undefined {
  if (from === 'ending' || from === 'ended') return undefined;
  if (to === 'ending') return 'ended';
  if (TRANSFERRING.has(from) && !TRANSFERRING.has(to)) {
    const hasTarget = event === 'target.agreed' || (from === 'retargetingCalled' && event === 'called.agreed');
    return hasTarget ? 'transferred' : 'transferFailed';
  }
  switch (event) {
    case 'calling.answered':
      return 'callerAnswered';
    case 'calling.offered':
      return from === 'calling' ? 'callerAnswered' : undefined;
    case 'calling.agreed':
      if (to !== 'connected') return undefined;
      return from === 'connecting' ? 'connected' : 'resumed';
    case 'called.agreed':
      return AGREED_BY_CALLED[from];
    case 'command.transfer':
      return to === 'transferring' && from !== to ? 'transferring' : undefined;
    default:
      return undefined;
  }
}
