import { hangUp, hold, resume, transfer } from './api.js';
import type { CallInfo } from '../../../sdk/call-info.js';
import { isTalking, nameOf } from './call.js';
import { askFor, confirmed } from './confirm.js';
import { attempt } from './notice.js';

/** The buttons of a call: only what can be done with it now. */
export function Steering({ call }: { readonly call: CallInfo }) {
  if (call.isFinal || call.control === 'none') return null;
  const who = `${nameOf(call.caller)} and ${nameOf(call.callee)}`;
  const isSteerable = call.control === 'full' && call.status === 'connected';
  return (
    <div class="buttons steering">
      {isSteerable && (
        <>
          <button type="button" onClick={() => void attempt(() => (call.isHeld ? resume(call) : hold(call)))}>
            {call.isHeld ? 'Resume' : 'Hold'}
            <span class="unseen"> the call of {who}</span>
          </button>
          <button type="button" onClick={() => void transferAsked(call)}>
            Transfer
            <span class="unseen"> the call of {who}</span>
          </button>
        </>
      )}
      <button type="button" class="danger" onClick={() => void hangUpAsked(call, who)}>
        {isTalking(call) ? 'Hang up' : 'Cancel'}
        <span class="unseen"> the call of {who}</span>
      </button>
    </div>
  );
}

async function hangUpAsked(call: CallInfo, who: string): Promise<void> {
  if (isTalking(call) && !(await confirmed(`${who} may be talking. End their call?`, 'Hang up'))) return;
  await attempt(() => hangUp(call));
}

async function transferAsked(call: CallInfo): Promise<void> {
  const text = `Who shall talk to ${nameOf(call.callee)} in place of ${nameOf(call.caller)}?`;
  const target = await askFor(text, 'User or number', 'Transfer');
  if (target !== undefined && target !== '') await attempt(() => transfer(call, target));
}
