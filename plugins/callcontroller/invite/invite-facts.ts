import type { Fact } from '../model/call-status.js';
import type { CallEvent, State } from './invite-states.js';

/** States in which a target is on its way into the call. */
const TRANSFERRING: ReadonlySet<State> = new Set(['transferring', 'bridging', 'retargeting']);

/** What a step of an Invite call lets everybody know; undefined: nothing. */
export function inviteFact(from: State, event: CallEvent, to: State): Fact | undefined {
  if (from === 'ending' || from === 'ended') return undefined;
  if (to === 'ending') return 'ended';
  if (TRANSFERRING.has(from) && !TRANSFERRING.has(to))
    return event === 'target.agreed' ? 'transferred' : 'transferFailed';
  switch (event) {
    case 'calling.answered':
      return 'callerAnswered';
    case 'calling.agreed':
      if (to !== 'connected') return undefined;
      return from === 'connecting' ? 'connected' : 'resumed';
    case 'called.agreed':
      return from === 'holdingCalled' ? 'held' : undefined;
    case 'command.transfer':
      return to === 'transferring' && from !== to ? 'transferring' : undefined;
    default:
      return undefined;
  }
}
