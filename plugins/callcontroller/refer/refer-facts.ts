import type { Fact } from '../model/call-status.js';
import type { CallEvent, State } from './refer-states.js';

const NOTHING: readonly Fact[] = [];
const ENDED: readonly Fact[] = ['ended'];

/** States in which the call is still the controller's. */
const SETTING_UP: ReadonlySet<State> = new Set(['calling', 'referring', 'postponed', 'referred', 'following']);

/** By event, while the call is set up. */
const IN_SETUP: Readonly<Partial<Record<CallEvent, readonly Fact[]>>> = {
  'calling.answered': ['callerAnswered'],
  'calling.failed': ENDED,
  'calling.hungUp': ENDED,
  'refer.refused': ENDED,
  'timer.ring': ENDED,
  // The phone has the REFER, and reports nothing.
  'timer.notify': ['handedOver'],
  abandoned: ENDED,
};

/** By event, also after the controller has left (RFC 5057). */
const AT_ANY_TIME: Readonly<Partial<Record<CallEvent, readonly Fact[]>>> = {
  'called.ringing': ['calleeRinging', 'released'],
  'called.answered': ['connected', 'handedOver'],
  'called.failed': ENDED,
  'subscription.ended': ['handedOver'],
};

/** The facts that a step of a Refer call makes known. */
export function referFacts(from: State, event: CallEvent, to: State): readonly Fact[] {
  // The Invite call reports the rest.
  if (to === 'handedOver') return NOTHING;
  if (from === 'following' && (event === 'refer.unsupported' || event === 'refer.postponed')) return ENDED;
  return AT_ANY_TIME[event] ?? (SETTING_UP.has(from) ? IN_SETUP[event] : undefined) ?? NOTHING;
}
