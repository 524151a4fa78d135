import { signal } from '@preact/signals';
import { placeCall } from './api.js';
import type { CallInfo } from '../../../sdk/call-info.js';
import { knownCall, learn } from './calls.js';
import { fieldOf } from './form.js';
import { attempt } from './notice.js';
import { linkTo } from './route.js';
import { Steering } from './steering.js';
import { SUGGESTIONS, suggest } from './suggestions.js';
import { loggedInAs } from './viewer.js';
import { sentenceOf, wordingOf } from './wording.js';

const isPlacing = signal(false);
/** The call that was placed here last. */
const placedId = signal<string | undefined>(undefined);

const METHODS = [
  ['auto', 'Automatic'],
  ['refer', 'Hand over (Refer)'],
  ['invite', 'Stay in control (Invite)'],
] as const;

export function PlaceCall() {
  return (
    <section class="card" aria-labelledby="place-title">
      <h2 id="place-title">Place a call</h2>
      <form class="place" onSubmit={(event) => void submit(event)} onInput={suggest}>
        <label>
          Who calls
          <input name="caller" required autocomplete="off" list={SUGGESTIONS} placeholder="user1" />
        </label>
        <label>
          Who is called
          <input name="callee" required autocomplete="off" list={SUGGESTIONS} placeholder="user2 or a number" />
        </label>
        <label>
          Method
          <select name="method">
            {METHODS.map(([value, title]) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {loggedInAs === undefined && (
          <label>
            Agent
            <input name="agent" autocomplete="off" list={SUGGESTIONS} placeholder="the one who calls" />
          </label>
        )}
        <button type="submit" class="primary" disabled={isPlacing.value}>
          Call
        </button>
      </form>
      <Progress />
    </section>
  );
}

/** How far the call is that was placed here. */
function Progress() {
  const call = placedId.value === undefined ? undefined : knownCall(placedId.value);
  if (!call) return null;
  return (
    <div class="progress">
      <p role="status">
        <span class={`status ${wordingOf(call).tone}`}>{wordingOf(call).words}</span> {sentenceOf(call)}
      </p>
      <Steering call={call} />
      <a href={linkTo('call', call.id)}>See its messages</a>
    </div>
  );
}

async function submit(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const field = (name: string): string => fieldOf(event.target, name);
  const agent = loggedInAs ?? field('agent');
  isPlacing.value = true;
  await attempt(async () => {
    const call = await placeCall({
      caller: field('caller'),
      callee: field('callee'),
      method: field('method'),
      ...(agent !== '' && { agent }),
    });
    show(call);
  });
  isPlacing.value = false;
}

function show(call: CallInfo): void {
  learn(call);
  placedId.value = call.id;
}
