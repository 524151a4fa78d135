import type { CallInfo, CallLeg } from '../../../sdk/call-info.js';
import { nameOf } from './call.js';
import { type Arrow, offsetText, targetOf } from './ladder.js';
import { timeText } from './wording.js';

interface States {
  readonly call: CallInfo;
  readonly arrows: readonly Arrow[];
}

/** The states that a call went through, by the clock of its ladder, and how its legs are now. */
export function StatesView({ call, arrows }: States) {
  const startMs = Date.parse(arrows[0]?.message.at ?? call.createdAt);
  const steps = [
    ['placed', call.createdAt],
    [`${nameOf(call.caller)} picked up`, call.callerAnsweredAt],
    ['connected', call.connectedAt],
    ['ended', call.endedAt],
  ] as const;
  return (
    <section class="panel states" aria-label="States">
      <h3>States</h3>
      <ol>
        {steps.map(
          ([step, at]) =>
            at !== undefined && (
              <li key={step}>
                <time dateTime={at} title={timeText(at)}>
                  {offsetText(Date.parse(at) - startMs)}
                </time>
                {step}
              </li>
            ),
        )}
      </ol>
      {call.endsAt !== undefined && !call.isFinal && <p>It ends at {timeText(call.endsAt)} at the latest.</p>}
      <ul>
        {call.legs.map((leg) => (
          <li key={leg.sipCallId}>
            <span class={`status ${toneOf(leg)}`}>{leg.state}</span> leg of {whose(leg, call, arrows)}
            {leg.sipStatus !== undefined && `, SIP ${leg.sipStatus}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

function toneOf({ state, sipStatus = 0 }: CallLeg): string {
  if (sipStatus >= 300 && state === 'ended') return 'bad';
  return { calling: 'busy', ringing: 'busy', answered: 'good', ended: 'over' }[state];
}

/** After a transfer the target's leg is the second one of a caller. */
function whose({ role, sipCallId }: CallLeg, { caller, callee, legs }: CallInfo, arrows: readonly Arrow[]): string {
  if (role === 'callee') return nameOf(callee);
  const first = legs.find((leg) => leg.role === 'caller');
  return sipCallId === first?.sipCallId ? nameOf(caller) : (targetOf(arrows) ?? 'the target');
}
